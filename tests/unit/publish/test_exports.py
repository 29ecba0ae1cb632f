"""Which relations go out, how their columns leave, and what the manifest says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from regendata import paths
from regendata.exceptions import BadSourceAnswer, ModelFileError
from regendata.hooks import export_bucket, postgres
from regendata.landing import exports
from regendata.models.project import load_project
from regendata.models.relation import Relation
from regendata.operators.exports import ExportPublicDataOperator
from regendata.publish.exports.columns import ExportColumn, copy_statement
from regendata.publish.exports.manifest import (
    ColumnEntry,
    DataSet,
    Manifest,
    Published,
    latest_path,
    object_path,
)
from regendata.publish.exports.page import render
from regendata.publish.exports.selection import load_selection

SYSTEMS = ("grants", "grants_daily")
SET = DataSet(
    "grants", "All <b>gifts</b>", "objects/p.g/ab.parquet", "latest/p.g.parquet", 3, 1_500, "ab", ("id",),
    (ColumnEntry("id", "integer", "INT32", "Number & more"),), 7, "2026-03-01T04:01:00Z", "m",
    ({"check": "min_rows", "verdict": "passed"}, {"check": "fall", "verdict": "waived"}),
    ({"check": "fall", "who": "Ann", "until": "2030-01-01", "why": "known"},),
)  # fmt: skip
MANIFEST = Manifest(
    "2026-03-01T04:02:00Z",
    {
        "grants": Published(
            3,
            7,
            "publish",
            "2026-03-01T04:01:30Z",
            None,
            ({"source": "indexer", "version": "87", "as_of": "2026-03-01T04:00:00+00:00"},),
        )
    },
    {"public.gifts": SET},
)


def test_every_listed_relation_is_published_and_nobodys_scores_are() -> None:
    listed = yaml.safe_load(paths.EXPORTS.read_text())
    assert set(listed) == set(SYSTEMS)
    for system in SYSTEMS:
        models = load_selection(paths.EXPORTS, load_project(system))
        assert [str(model.relation) for model in models] == listed[system]
        assert all(model.description and model.columns for model in models)
        assert not [model for model in models if "passport" in model.relation.name.lower()]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grants: [public.nothing]", "grants does not publish public.nothing"),
        ("- a", "is a mapping of system"),
        ("grants: public.rounds", "is a mapping of system"),
        ("grants: [", "is not YAML"),
    ],
)
def test_a_wrong_list_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "exports.yaml"
    path.write_text(text)
    with pytest.raises(ModelFileError, match=message):
        load_selection(path, load_project("grants"))


def test_a_system_without_public_data_sets_exports_none() -> None:
    assert load_selection(paths.EXPORTS, load_project("token_metrics")) == ()


def test_the_task_hands_over_its_systems_relations(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []

    @contextmanager
    def session() -> Iterator[str]:
        yield "session"

    monkeypatch.setattr(postgres, "connect", session)
    monkeypatch.setattr(export_bucket, "public_bucket", lambda options: "bucket")
    monkeypatch.setattr(
        exports, "export", lambda *values: given.append(values) or exports.Exported((), (), 0, 0)
    )
    done = ExportPublicDataOperator(task_id="export", system="grants_daily").execute({})
    [(conn, system, models, bucket, _)] = given
    assert (conn, system, bucket) == ("session", "grants_daily", "bucket")
    assert str(models[0].relation) == "public.project_lookup"
    assert done == {"written": (), "unchanged": (), "bytes_uploaded": 0, "removed_files": 0}


def test_columns_leave_as_what_parquet_can_hold() -> None:
    columns = [
        ExportColumn("Id", "integer"),
        ExportColumn("wei", "numeric(78,0)"),
        ExportColumn("tags", "text[]"),
        ExportColumn("words", "text"),
    ]
    assert [column.arrow for column in columns] == ["int32", "string", "string", "string"]
    statement = copy_statement(Relation("build_7", "x"), columns, ["words", "Id"]).as_string(None)
    assert statement == (
        'COPY (SELECT "Id", "wei"::text, array_to_json("tags")::text, "words" FROM "build_7"."x" '
        'ORDER BY "words" COLLATE "C", "Id") TO STDOUT (FORMAT csv)'
    )


def test_a_manifest_is_what_was_written() -> None:
    assert Manifest.from_json(MANIFEST.to_json()).to_json() == MANIFEST.to_json()
    assert MANIFEST.history_path.startswith("manifests/20260301T040200Z_")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"format": 2}', b'{"format": 1, "written_at": "", "systems": {}}']
)
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(BadSourceAnswer):
        Manifest.from_json(content)


def test_names_in_capitals_make_plain_addresses() -> None:
    assert object_path('public."Passport"', "ab") == "objects/public.Passport/ab.parquet"
    assert latest_path("public.rounds") == "latest/public.rounds.parquet"


def test_the_page_shows_text_as_text_and_every_fact() -> None:
    page = render(MANIFEST, "https://data.example/public/")
    assert "All &lt;b&gt;gifts" in page
    assert "<b>gifts" not in page
    for told in (
        "1.5 kB", "1 passed, 1 waived", "fall, by Ann until 2030-01-01: known", "2026-03-01 04:01 UTC",
        "read_parquet(&#x27;https://data.example/public/latest/p.g.parquet&#x27;)", "<td>87</td>",
        "curl -O https://data.example/public/verify.py", "Number &amp; more",
    ):  # fmt: skip
        assert told in page, told
