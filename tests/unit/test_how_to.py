"""What the how-to pages tell people to write is taken by the code as it stands on the page."""

from __future__ import annotations

import inspect
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from regendata import exceptions, paths
from regendata.models.contracts import load_contracts, read_contract, who_breaks
from regendata.models.dictionary import described
from regendata.models.project import Project, load_project, read_project
from regendata.models.relation import Relation
from regendata.models.tables import read_table
from regendata.sources import cells
from regendata.sources.mev_boost.relays import RELAYS, Relay
from regendata.sources.sheets import Sheet, SheetColumn, read_sheet
from regendata.sources.static_data import read_facts
from regendata.sources.token_metrics.cleaning import LISTED_TOKEN, Cleaner

DOCS = paths.REPOSITORY / "docs"
TOKENS = paths.STATIC_DATA / "token_metrics" / "token_rules.csv"


def _block(page: str, mark: str) -> tuple[str, str]:
    """The path a mark names, if it does, and the code that follows it."""
    text = (DOCS / "how_to" / f"{page}.md").read_text(encoding="utf-8")
    found = re.search(
        rf"^ *<!-- {mark}(?P<path>[^>]*) -->\n *```\w+\n(?P<code>.*?)\n *```$", text, re.M | re.S
    )
    assert found, f"{page}: no {mark}"
    return found["path"].strip(), dedent(found["code"]) + "\n"


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Write the file a page tells to write, into a copy of the folder it belongs to."""

    def write(page: str) -> Path:
        path, code = _block(page, "file:")
        folder = tmp_path / Path(path).parent
        assert not (paths.REPOSITORY / path).exists()
        shutil.copytree(paths.REPOSITORY / Path(path).parent, folder)
        (tmp_path / path).write_text(code, encoding="utf-8")
        return tmp_path / path

    return write


def test_a_view_is_one_file(written: Callable[[str], Path]) -> None:
    folder = written("add_a_view").parents[1]
    for schema in sorted(paths.models_of("grants").iterdir()):
        shutil.copytree(schema, folder / schema.name, dirs_exist_ok=True)
    project: Project = read_project("grants", folder, paths.TABLES)
    view = Relation("public", "donors")
    assert set(project.models) - set(load_project("grants").models) == {view}
    assert project.parents(view) == (Relation("public", "all_donations"),)
    assert all(described(project, view).values())
    assert {type(rule).__name__ for rule in project.models[view].checks} >= {"NotNull"}


def test_a_reader_is_one_file(written: Callable[[str], Path]) -> None:
    contract = read_contract(written("add_a_reader"))
    project = load_project("grants")
    for relation, columns in contract.relations.items():
        assert set(columns) <= set(described(project, relation))
    others = load_contracts(paths.CONTRACTS)
    losses = who_breaks([*others, contract], Relation("public", "round_totals"), "Total USD")
    assert ("Round newsletter", ("totals of a program",)) in [(one.reader, one.probes) for one in losses]


def test_a_sheet_is_a_table_and_an_entry(written: Callable[[str], Path]) -> None:
    spec = read_table(written("add_a_sheet"))
    names = {"Sheet": Sheet, "SheetColumn": SheetColumn, "Relation": Relation, "cells": cells}
    sheet: Sheet = eval(_block("add_a_sheet", "sheet")[1], names)
    assert sheet.table == spec.relation
    assert tuple(column.name for column in sheet.columns) == spec.column_names
    grid = [
        ["sponsor", "usd", "chain_id", "round_id"],
        ["Ann", "$1,000", "10", "0xAB"],
        ["Bob", "", "x", "1"],
    ]
    found = read_sheet(sheet, grid, cells.LOCALES["en_US"])
    assert found.rows == [(10, "0xab", "Ann", 1000.0)]
    assert [bad.column for bad in found.bad] == ["chain_id"]


def test_a_relay_is_one_entry() -> None:
    relay: Relay = eval(_block("add_a_relay", "relay")[1], {"Relay": Relay})
    assert relay.name not in RELAYS
    assert relay.base_url == "https://relay.example.org"
    assert (relay.first_slot in relay.lifetime, relay.first_slot - 1 in relay.lifetime) == (True, False)


def test_a_token_is_one_line(tmp_path: Path) -> None:
    path, line = _block("add_a_token", "line of")
    assert paths.REPOSITORY / path == TOKENS
    copy = tmp_path / TOKENS.name
    copy.write_text(TOKENS.read_text(encoding="utf-8").rstrip("\n") + "\n" + line, encoding="utf-8")
    spec = load_project("token_metrics").tables[Relation("reference", "token_rules")]
    rows = list(read_facts(copy, spec))
    token = str(rows[-1][0])
    before = Cleaner.of(str(row[0]) for row in rows[:-1]).clean(f"{token}USD")
    after = Cleaner.of(str(row[0]) for row in rows).clean(f"{token}USD")
    assert (before.token, after.token, after.rule) == (None, token, LISTED_TOKEN)


def test_the_runbook_has_a_chapter_for_every_error_by_name() -> None:
    abstract = (exceptions.RegendataError, exceptions.FinalError)
    text = (DOCS / "runbook.md").read_text(encoding="utf-8")
    chapters = dict(re.findall(r"^## (\w+)\n\n(.+?)(?=\n## |\Z)", text, re.M | re.S))
    errors = {
        name: error
        for name, error in vars(exceptions).items()
        if inspect.isclass(error) and issubclass(error, exceptions.RegendataError) and error not in abstract
    }
    assert set(chapters) == set(errors)
    final = {name for name, error in errors.items() if issubclass(error, exceptions.FinalError)}
    assert {name for name, chapter in chapters.items() if chapter.startswith("*Final.*")} == final
