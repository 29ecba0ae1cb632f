"""The table at the end of the demo, read from the warehouse's records of its builds."""

from __future__ import annotations

import io
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from sandbox.demo_result import change, read_published, result_table
from sandbox.layout import REPOSITORY

META = REPOSITORY / "include" / "sql" / "tables" / "meta"
TABLES = ("build", "build_relation", "check_result")


def definition(table: str) -> str:
    return Path(META / f"{table}.sql").read_text(encoding="utf-8")


@pytest.fixture
def warehouse(grants_dsn: str) -> str:
    """A warehouse with empty records."""
    with psycopg.connect(grants_dsn) as connection:
        connection.execute("CREATE SCHEMA meta")
        for table in TABLES:
            connection.execute(definition(table))
    return grants_dsn


def add_build(dsn: str, state: str, *relations: tuple[str, str, bool, int, float | None, int]) -> None:
    """A build; per relation: name, physical place, carried over, rows, USD, number of passed checks.

    A relation that was built has one failed check more, a carried-over one has none of its own.
    """
    with psycopg.connect(dsn) as connection:
        insert = (
            "INSERT INTO meta.build (system, run_id, state) VALUES ('grants', 'r', %s) RETURNING build_id"
        )
        (build_id,) = connection.execute(insert, [state]).fetchone() or (0,)
        for relation, physical, carried, rows, usd, passed in relations:
            connection.execute(
                "INSERT INTO meta.build_relation (build_id, relation, physical, fingerprint, carried_over, "
                "row_count, amount_usd, seconds) VALUES (%s, %s, %s, 'f', %s, %s, %s, 1.5)",
                [build_id, relation, physical, carried, rows, usd],
            )
            for number in range(0 if carried else passed + 1):
                connection.execute(
                    "INSERT INTO meta.check_result (build_id, relation, check_name, severity, passed, "
                    "expected, statement) VALUES (%s, %s, %s, 'warn', %s, '', '')",
                    [build_id, relation, str(number), number < passed],
                )


@pytest.mark.postgres
def test_nothing_published_is_an_empty_table(warehouse: str) -> None:
    add_build(warehouse, "failed", ("public.rounds", "b1.rounds", False, 5, 10.0, 1))
    assert read_published(warehouse) == []


@pytest.mark.postgres
def test_figures_are_compared_with_the_publish_before(warehouse: str) -> None:
    add_build(
        warehouse,
        "published",
        ("public.rounds", "b1.rounds", False, 5, 10.0, 2),
        ("public.donations", "b1.donations", False, 100, 50.5, 1),
        ("intermediate.facts", "b1.facts", False, 1, None, 0),
    )
    add_build(warehouse, "failed", ("public.rounds", "b2.rounds", False, 1, 1.0, 0))
    add_build(
        warehouse,
        "published",
        ("public.rounds", "b1.rounds", True, 5, 10.0, 0),
        ("public.donations", "b3.donations", False, 90, 60.0, 3),
        ("public.all_matching", "b3.all_matching", False, 7, None, 0),
    )
    add_build(warehouse, "building", ("public.rounds", "b4.rounds", False, 0, 0.0, 0))
    found = {item.relation: item for item in read_published(warehouse)}
    assert list(found) == ["public.all_matching", "public.donations", "public.rounds"]
    donations, rounds, matching = (
        found[f"public.{name}"] for name in ("donations", "rounds", "all_matching")
    )
    assert (donations.row_count, donations.row_change, donations.usd_change) == (90, -10, 9.5)
    assert (donations.how, donations.checks_passed, donations.checks_total) == ("built", 3, 4)
    assert (rounds.row_change, rounds.usd_change, rounds.how) == (0, 0, "carried over")
    assert (rounds.checks_passed, rounds.checks_total) == (2, 3), "checks of the build that made it"
    assert (matching.row_change, matching.usd_change) == (None, None)


@pytest.mark.postgres
def test_unchanged_build_is_shown_against_the_published_one(warehouse: str) -> None:
    add_build(warehouse, "published", ("public.rounds", "b1.rounds", False, 5, 10.0, 2))
    add_build(warehouse, "unchanged", ("public.rounds", "b1.rounds", True, 5, 10.0, 0))
    (rounds,) = read_published(warehouse)
    assert (rounds.row_change, rounds.how, rounds.checks_total) == (0, "carried over", 3)
    written = io.StringIO()
    Console(file=written, width=140).print(result_table([rounds]))
    assert ["public.rounds", "5", "=", "10", "=", "2/3", "carried", "over"] in [
        line.replace("│", " ").split() for line in written.getvalue().splitlines()
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (0, "="), (0.4, "="), (1234, "+1,234"), (-1234.4, "-1,234")],
)
def test_change(value: float | None, text: str) -> None:
    assert change(value) == text
