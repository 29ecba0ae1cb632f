"""The whole refresh: what is rebuilt, which version is served, and what readers have when a source fails."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from regendata import paths
from regendata.exceptions import ChainLost, CheckFailed, RegendataError, SourceUnavailable, StaleSource
from regendata.models.project import Project, load_project
from regendata.models.relation import Relation
from sandbox import chaos_db
from sandbox.refresh import refresh, tidy_up
from sandbox.upstreams.server import StandIns
from tests.support.digests import published_digest
from tests.support.sources import SourceDatabase
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres


def descendants(project: Project, changed: Relation) -> set[str]:
    """Every model that reads a relation, directly or through others."""
    found: set[Relation] = set()
    todo = [changed]
    while todo:
        readers = {model.relation for model in project.readers(todo.pop())} - found
        found |= readers
        todo += readers
    return {str(relation) for relation in found}


def version(warehouse: Warehouse, source: str = "indexer") -> tuple[str, str]:
    """The version in use and the reason."""
    row = warehouse.rows("SELECT version, reason FROM meta.source_version WHERE source = %s", [source])[0]
    return row[0], row[1]


def test_every_model_is_published_under_its_name(refreshed: Warehouse) -> None:
    views = {name for (name,) in refreshed.rows("SELECT schemaname || '.' || viewname FROM pg_views")}
    models = {str(relation) for relation in load_project("grants").models}
    assert models <= views
    assert "experimental_views.allo_gmv_leaderboard_events" in models


def test_nothing_changed_upstream_rebuilds_nothing(refreshed: Warehouse) -> None:
    built = "SELECT oid, relname FROM pg_class WHERE relnamespace::regnamespace::text ~ '^build_' ORDER BY 1"
    before = refreshed.rows(built)
    receipt = refresh("again").receipt
    assert (receipt["outcome"], receipt["rebuilt"]) == ("unchanged", [])
    assert refreshed.rows(built) == before
    assert before


def other_developer(cell: str) -> str:
    """Another address for each address."""
    return f"0x{cell[2:][::-1]}" if cell.startswith("0x") else cell


def test_one_fact_changed_rebuilds_its_readers_only(
    refreshed: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "static_data"
    shutil.copytree(paths.STATIC_DATA, facts)
    monkeypatch.setattr(paths, "STATIC_DATA", facts)
    path = facts / "strategy_developers.csv"
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *[[other_developer(cell) for cell in row] for row in rows]])
    receipt = refresh("other developers").receipt
    expected = descendants(load_project("grants"), Relation("reference", "strategy_developers"))
    # A reader of what turned out the same is left alone.
    assert set(receipt["rebuilt"]) <= expected
    assert "experimental_views.allo_gmv_leaderboard_events" in receipt["rebuilt"]
    assert "public.donations" not in expected


def test_one_new_round_role_rebuilds_its_readers_only(refreshed: Warehouse, indexer: SourceDatabase) -> None:
    indexer.do(
        "INSERT INTO chain_data_87.round_roles (chain_id, round_id, address, role) "
        "SELECT chain_id, id, '0x' || repeat('a', 40), 'manager' FROM chain_data_87.rounds LIMIT 1"
    )
    receipt = refresh("a newcomer").receipt
    expected = descendants(load_project("grants"), Relation("landing", "indexer_round_roles"))
    assert "public.round_roles" in receipt["rebuilt"]
    assert set(receipt["rebuilt"]) <= expected
    assert (
        refreshed.value("SELECT count(*) FROM public.round_roles WHERE address = '0x' || repeat('a', 40)")
        == 1
    )


def test_a_fall_of_rows_at_the_source_stops_before_readers_see_it(
    refreshed: Warehouse, indexer: SourceDatabase
) -> None:
    before = published_digest(refreshed)
    indexer.do("DELETE FROM chain_data_87.donations WHERE chain_id = 43114 AND amount_in_usd > 1")
    with pytest.raises(
        CheckFailed,
        match=r"needs approval: .*public\.donations: max_fall rows: .* less, expected at most 1 % less",
    ):
        refresh("fallen")
    assert published_digest(refreshed) == before
    tidy_up()
    assert refreshed.leftovers() == set()
    assert refreshed.rows(
        "SELECT severity, verdict FROM meta.check_result WHERE relation = 'public.donations' AND NOT passed "
        "AND check_name = 'max_fall rows'"
    ) == [("ask", "failed")]


def test_the_half_indexed_version_is_not_served(refreshed: Warehouse) -> None:
    assert version(refreshed)[0] == "87"
    assert version(refreshed, "maci")[0] == "100"
    refresh("advertised", advertised="88")
    number, reason = version(refreshed)
    assert number == "87"
    assert "88 refused: has no rows for chain 10" in reason


def test_a_complete_new_version_takes_over_without_changing_what_readers_see(
    refreshed: Warehouse, indexer: SourceDatabase
) -> None:
    before = published_digest(refreshed)
    indexer.do("ALTER SCHEMA chain_data_88 RENAME TO half_indexed")
    chaos_db.new_version(indexer.dsn, 89)
    assert refresh("hop", advertised="89").receipt["outcome"] == "published"
    assert version(refreshed)[0] == "89"
    assert published_digest(refreshed) == before
    assert refreshed.value("SELECT count(*) FROM indexer.donations") == 1_000


def test_a_version_that_lost_a_chain_is_refused_and_the_old_one_served(
    refreshed: Warehouse, indexer: SourceDatabase
) -> None:
    indexer.do("ALTER SCHEMA chain_data_88 RENAME TO half_indexed")
    chaos_db.new_version(indexer.dsn, 89, without_chain=42161)
    refresh("lost", advertised="89")
    assert version(refreshed)[0] == "87"
    assert "89 refused: has no rows for chain 42161" in version(refreshed)[1]


def test_no_version_with_every_chain_stops_the_refresh(refreshed: Warehouse, indexer: SourceDatabase) -> None:
    before = published_digest(refreshed)
    for number in (86, 87, 88):
        indexer.do(f"DELETE FROM chain_data_{number}.donations WHERE chain_id = 250")
    with pytest.raises(ChainLost, match=r"chain 250.*the last good data stays published"):
        refresh("lost everywhere", advertised="88")
    assert published_digest(refreshed) == before


SOURCES_IN_TROUBLE: dict[
    str, tuple[Callable[[SourceDatabase, StandIns], object], type[RegendataError], str]
] = {
    "indexer down": (
        lambda indexer, dune: chaos_db.down(indexer.dsn),
        SourceUnavailable,
        "indexer_db: cannot reach",
    ),
    "Dune stale": (lambda indexer, dune: dune.set("dune", age_hours=100), StaleSource, "Dune query 4118421"),
    "Dune down": (lambda indexer, dune: dune.trouble("dune", status=500), SourceUnavailable, "HTTP 500"),
    "no version": (
        lambda indexer, dune: indexer.do(
            *[f"ALTER SCHEMA chain_data_{number} RENAME TO old_{number}" for number in (86, 87, 88)]
        ),
        SourceUnavailable,
        "indexer_db holds no schema named chain_data_NN",
    ),
}


@pytest.mark.parametrize("trouble", SOURCES_IN_TROUBLE)
def test_a_source_in_trouble_leaves_readers_what_they_had(
    trouble: str, refreshed: Warehouse, indexer: SourceDatabase, dune: StandIns
) -> None:
    before = published_digest(refreshed)
    hurt, kind, message = SOURCES_IN_TROUBLE[trouble]
    hurt(indexer, dune)
    with pytest.raises(kind, match=message):
        refresh("in trouble")
    assert published_digest(refreshed) == before


def test_the_receipt_tells_what_was_read_built_and_checked(refreshed: Warehouse) -> None:
    rows = refreshed.rows(
        "SELECT outcome, sources, relations, checks FROM meta.refresh ORDER BY build_id LIMIT 1"
    )
    outcome, sources, relations, checks = rows[0]
    assert outcome == "published"
    assert {"indexer", "maci", "dune", "reference"} <= {source["source"] for source in sources}
    assert {source["version"] for source in sources if source["source"] == "indexer"} == {"87"}
    donations = next(item for item in relations if item["relation"] == "public.donations")
    assert donations["rows"] == refreshed.value("SELECT count(*) FROM public.donations")
    assert all(check["passed"] for check in checks)
    assert len(checks) > 40
