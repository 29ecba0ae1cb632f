"""Columns of the warehouse's tables, read from include/sql/tables: archives have exactly these."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp, parse_one

FOLDER = Path(__file__).resolve().parents[2] / "include" / "sql" / "tables"


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    """PostgreSQL type in lower case, such as `numeric(78, 0)` or `timestamptz`."""


def columns(schema: str, table: str) -> list[Column]:
    """The columns of include/sql/tables/<schema>/<table>.sql, in order."""
    text = (FOLDER / schema / f"{table}.sql").read_text(encoding="utf-8")
    return [
        Column(definition.name, _type_name(definition.args["kind"]))
        for definition in parse_one(text, dialect="postgres").find_all(exp.ColumnDef)
    ]


def _type_name(kind: exp.DataType) -> str:
    """PostgreSQL's own name where the parser prefers another."""
    name = kind.sql("postgres").lower().replace("decimal", "numeric")
    return "integer" if name == "int" else name
