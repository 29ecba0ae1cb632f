"""How columns of Postgres leave as CSV and become columns of Parquet, and in which order rows stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from regendata.models.relation import Relation

if TYPE_CHECKING:
    import pyarrow as pa

#: Names of Arrow types; whatever is missing here goes as text.
_ARROW = {
    "boolean": "bool",
    "smallint": "int16",
    "integer": "int32",
    "bigint": "int64",
    "real": "float",
    "double precision": "double",
    "date": "date32",
    "timestamp with time zone": "timestamp[us, tz=UTC]",
    "timestamp without time zone": "timestamp[us]",
}
_TEXT = "string"
_TEXT_TYPES = re.compile(r"(text|character varying.*|character.*|uuid|name)\Z")


@dataclass(frozen=True)
class ExportColumn:
    """One column.

    :param type: as ``format_type`` prints it, such as ``numeric(78,0)``.
    """

    name: str
    type: str

    @property
    def arrow(self) -> str:
        """Name of its Arrow type; ``string`` for whatever Arrow cannot hold exactly."""
        return _ARROW.get(self.type, _TEXT)

    @property
    def expression(self) -> sql.Composable:
        """What is selected: arrays as JSON, which every reader of Parquet can take apart."""
        name = sql.Identifier(self.name)
        if self.type.endswith("[]"):
            return sql.SQL("array_to_json({})::text").format(name)
        if self.arrow != _TEXT or _TEXT_TYPES.match(self.type):
            return name
        return sql.SQL("{}::text").format(name)

    @property
    def order(self) -> sql.Composable:
        """What rows are sorted by: texts by their bytes, so that every server sorts alike."""
        if self.arrow == _TEXT:
            return sql.SQL('{} COLLATE "C"').format(self.expression)
        return sql.Identifier(self.name)


def copy_statement(place: Relation, columns: Sequence[ExportColumn], key: Sequence[str]) -> sql.Composed:
    """All rows as CSV, sorted by the key, or by every column where there is none.

    NULL leaves as nothing, an empty text in quotes.
    """
    by_name = {column.name: column for column in columns}
    ordered = [by_name[name] for name in key] if key else columns
    return sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT (FORMAT csv)").format(
        sql.SQL(", ").join(column.expression for column in columns),
        sql.Identifier(*place),
        sql.SQL(", ").join(column.order for column in ordered),
    )


def arrow_types(columns: Sequence[ExportColumn]) -> dict[str, pa.DataType]:
    """Arrow's type per column name."""
    import pyarrow as pa

    known = {
        "bool": pa.bool_(),
        "int16": pa.int16(),
        "int32": pa.int32(),
        "int64": pa.int64(),
        "float": pa.float32(),
        "double": pa.float64(),
        "date32": pa.date32(),
        "timestamp[us, tz=UTC]": pa.timestamp("us", tz="UTC"),
        "timestamp[us]": pa.timestamp("us"),
        _TEXT: pa.string(),
    }
    return {column.name: known[column.arrow] for column in columns}
