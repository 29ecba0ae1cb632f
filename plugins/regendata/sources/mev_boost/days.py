"""What is computed of whole days: tables that every warehouse has as their files in ``include/sql`` say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from regendata import paths
from regendata.coverage.slots import DAY_HOURS
from regendata.models import files
from regendata.models.tables import read_table

if TYPE_CHECKING:
    from regendata.models.tables import Column
    from regendata.sources.mev_boost.rows import Hour

SCHEMA = "mev_boost"
#: Tables that a finished day has rows in, each computed by the step of its name.
DAY_TABLES = ("relay_days", "builder_days")
#: What builders sign with; kept by hand.
SIGNATURES = "builder_signatures"
#: BigQuery's types for those of the tables' files. Sums of values have 29 digits at most, as no value counts
#: from a million ether on.
_BIGQUERY: Mapping[str, str] = {
    "DATE": "DATE",
    "TEXT": "STRING",
    "BIGINT": "INTEGER",
    "DECIMAL": "NUMERIC",
    "DECIMAL(78, 0)": "NUMERIC",
    "TIMESTAMPTZ": "TIMESTAMP",
}
#: The table's own note of when, by its default.
_WRITTEN_AT = "computed_at"
_FIRST_DAY = date(1970, 1, 1)


def first_hour(day: date) -> Hour:
    """The first hour of a UTC day."""
    return (day - _FIRST_DAY).days * DAY_HOURS


def day_columns(table: str) -> tuple[str, ...]:
    """Columns that a step computes; the table adds when."""
    return tuple(column.name for column in _columns(table) if column.name != _WRITTEN_AT)


def day_step(table: str) -> str:
    """The SELECT that computes a day, for Postgres; it reads what each warehouse says a day's rows are."""
    return files.read(paths.STEPS / SCHEMA / f"{table}.sql", ("description",)).body


def derived_schema(table: str) -> list[dict[str, Any]]:
    """The fields of a table beside the relays' rows, as BigQuery's API and Terraform take them."""
    return [_field(column) for column in _columns(table)]


def _columns(table: str) -> tuple[Column, ...]:
    return read_table(paths.TABLES / SCHEMA / f"{table}.sql").columns


def _field(column: Column) -> dict[str, Any]:
    required = "NOT NULL" in column.definition or "PRIMARY KEY" in column.definition
    return {
        "name": column.name,
        "type": _BIGQUERY[column.type],
        "mode": "REQUIRED" if required else "NULLABLE",
    }
