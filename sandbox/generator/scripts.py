"""Runs the SQL files of sql/; `{name}` in a file stands for a composed part, `{{` for a brace."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg import Connection

FOLDER = Path(__file__).parent / "sql"


def script(name: str, **parts: sql.Composable | int | bool) -> sql.Composed:
    """The statements of sql/<name>.sql with its placeholders filled; plain values become literals."""
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    composed = {
        key: part if isinstance(part, sql.Composable) else sql.Literal(part) for key, part in parts.items()
    }
    # The text comes from this package's own files, never from a caller.
    return sql.SQL(text).format(**composed)


def run(connection: Connection, name: str, **parts: sql.Composable | int | bool) -> int:
    """Execute sql/<name>.sql; returns the row count of its last statement."""
    return connection.execute(script(name, **parts)).rowcount


def copy_rows(connection: Connection, table: str, row_type: type, rows: Iterable[Any]) -> None:
    """COPY dataclass instances into the table whose columns are their fields."""
    names = [field.name for field in fields(row_type)]
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows:
            copy.write_row([_adapted(getattr(row, name)) for name in names])


def _adapted(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value
