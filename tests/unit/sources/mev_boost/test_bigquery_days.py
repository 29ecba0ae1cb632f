"""What BigQuery is told of days and views: the same relations as in Postgres, days replaced as a whole."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone

import pytest

from regendata import paths
from regendata.coverage.slots import first_slot_from
from regendata.models import files
from regendata.sources.mev_boost.bigquery_days import Dataset, create_views, replace_day, replace_signatures
from regendata.sources.mev_boost.days import DAY_TABLES, day_columns, derived_schema, first_hour

DATASET = Dataset("p.mev", "chain.blocks")
DAY = date(2024, 4, 9)
#: Coverage stays in Postgres.
ONLY_POSTGRES = {"unknown_slots"}


def test_every_view_of_postgres_is_there() -> None:
    views = {name for name, _ in create_views(DATASET, {})}
    assert views == {path.stem for path in (paths.VIEWS / "mev_boost").glob("*.sql")} - ONLY_POSTGRES


def test_every_step_of_postgres_is_there() -> None:
    steps = {path.stem for path in (paths.STEPS / "mev_boost").glob("*.sql")}
    assert steps == set(DAY_TABLES)


def test_views_say_the_same_of_themselves_in_both() -> None:
    for path in (paths.BIGQUERY / "views").glob("*.sql"):
        told, other = (
            str(files.read(folder / path.name, ("description", "columns")).header["description"]).split(". ")[
                0
            ]
            for folder in (paths.BIGQUERY / "views", paths.VIEWS / "mev_boost")
        )
        assert told.rstrip(".\n") == other.rstrip(".\n"), path.name


def test_views_begin_where_those_of_postgres_do() -> None:
    end = first_slot_from(int(datetime(2024, 4, 10, tzinfo=timezone.utc).timestamp()))
    told = {name: one.sql for name, one in create_views(DATASET, {"bids": end, "payloads": end})}
    assert f"WHERE day >= DATE '2024-03-13' AND slot >= {end - 28 * 7_200}" in told["public_bids"]
    assert f"payload.day >= DATE '2024-04-09' AND payload.slot >= {end - 7_200}" in told["last_day"]
    assert told["public_bids"].startswith("CREATE OR REPLACE VIEW `p.mev_public.bids` AS\n")
    assert told["last_day"].startswith("CREATE OR REPLACE VIEW `p.mev.last_day` AS\n")


def test_no_placeholder_is_left() -> None:
    statements = [one for _, one in create_views(DATASET, {})]
    statements += [replace_day(DATASET, table, DAY) for table in DAY_TABLES]
    for statement in statements:
        assert "$" not in statement.sql
        assert set(re.findall(r"@(\w+)", statement.sql)) == set(statement.parameters)


@pytest.mark.parametrize("table", DAY_TABLES)
def test_a_day_is_replaced_in_one_statement(table: str) -> None:
    found = replace_day(DATASET, table, DAY)
    assert found.sql.startswith(f"MERGE `p.mev.{table}` AS stored\nUSING (")
    assert found.sql.endswith("WHEN NOT MATCHED BY SOURCE AND stored.day = @day THEN\n  DELETE\n")
    names = [field["name"] for field in derived_schema(table)]
    assert [*day_columns(table), "computed_at"] == names
    assert found.parameters["day"] == DAY


def test_blocks_of_a_day_are_looked_for_around_it() -> None:
    found = replace_day(DATASET, "builder_days", DAY).parameters
    assert found["blocks_from"] == datetime(2024, 4, 8, 23, tzinfo=timezone.utc)
    assert found["blocks_until"] == datetime(2024, 4, 10, 1, tzinfo=timezone.utc)


def test_signatures_are_parameters() -> None:
    found = replace_signatures(DATASET, {"it's": "its", "b": "bee"})
    assert found.parameters == {"signatures": ("it's", "b"), "builder_names": ("its", "bee")}


def test_a_day_begins_with_its_first_hour() -> None:
    assert first_hour(DAY) * 3_600 == datetime(2024, 4, 9, tzinfo=timezone.utc).timestamp()
