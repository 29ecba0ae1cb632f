"""Generated pages say what the code says, and links of the documentation lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from regendata import paths
from regendata.models.dictionary import described
from regendata.models.project import load_project
from regendata.publish.systems import SYSTEMS
from regendata.sources.origins import origin
from tools.docs import architecture, dictionary
from tools.docs.__main__ import behind, pages

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

PAGES = sorted(
    path
    for path in (*paths.REPOSITORY.glob("*.md"), *(paths.REPOSITORY / "docs").rglob("*.md"))
    if path.name != "data_dictionary.md"
)


def test_every_generated_page_is_as_the_code_says(dag_bag: DagBag) -> None:
    assert behind(dag_bag) == [], "run `make docs`"


def test_the_pages_hold_every_dag_and_every_view(dag_bag: DagBag) -> None:
    made = pages(dag_bag)
    assert re.findall(r"^## (\w+)$", made["DAGS.md"], re.MULTILINE) == sorted(dag_bag.dags)
    dictionary = made["docs/data_dictionary.md"]
    for system in SYSTEMS:
        assert [one for one in load_project(system).models if f"\n## {one}\n" not in dictionary] == []
    picture = made[architecture.PICTURE]
    assert picture.count("<rect") > len(load_project("grants").models)


def test_the_first_page_names_every_dag(dag_bag: DagBag) -> None:
    text = (paths.REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert [name for name in dag_bag.dags if f"`{name}`" not in text] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_column_of_a_view_is_described(system: str) -> None:
    project = load_project(system)
    silent = {
        str(relation): [name for name, text in described(project, relation).items() if not text]
        for relation in project.models
    }
    assert {relation: names for relation, names in silent.items() if names} == {}
    assert all(described(project, relation) for relation in project.models)


def test_every_column_that_somebody_may_read_is_described() -> None:
    """Tables of readable schemas, those of `meta` among them, and plain views on them."""
    found = dictionary.entries()
    assert {"meta.alert", "mev_boost.bids", "mev_boost.last_day"} <= {one.relation for one in found}
    silent = [
        f"{one.relation}.{column.name}" for one in found for column in one.columns if not column.description
    ]
    assert silent == []
    assert [one.relation for one in found if not one.columns or not one.description] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_input_has_an_origin_in_words(system: str) -> None:
    assert [one for one in load_project(system).inputs if origin(one) == one.schema] == []


def test_a_page_that_is_behind_is_named(dag_bag: DagBag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.docs.dags._HEAD", "# Something else\n")
    assert "DAGS.md" in behind(dag_bag)


def test_a_page_without_its_marks_is_refused(dag_bag: DagBag, tmp_path: Path) -> None:
    bare = tmp_path / "architecture.md"
    bare.write_text("# Architecture\n", encoding="utf-8")
    with pytest.raises(architecture.MissingPart, match="no place"):
        architecture.page(bare, dag_bag)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|mailto:)([^)#\s]+)(#[^)\s]+)?\)", text)
    missing = [target for target, _ in targets if not (path.parent / unquote(target)).exists()]
    assert missing == []
