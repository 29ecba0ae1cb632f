"""Stored results of Dune queries, cut into pages with the metadata Dune sends."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

Row = dict[str, Any]
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? UTC")
TYPES = {bool: "boolean", int: "bigint", float: "double"}


@dataclass(frozen=True)
class QueryResult:
    """Latest result of one query.

    :param rows: column -> value, every row with the same columns.
    :param ended_at: when the stored run ended, with time zone; None when the file does not say.
    """

    rows: tuple[Row, ...]
    ended_at: datetime | None

    @property
    def columns(self) -> list[str]:
        return list(self.rows[0]) if self.rows else []

    def type_of(self, column: str) -> str:
        """Dune's name of a column's type, told from its first value."""
        value = next((row[column] for row in self.rows if row[column] is not None), "")
        if isinstance(value, str):
            return "timestamp(3) with time zone" if TIMESTAMP.fullmatch(value) else "varchar"
        return TYPES.get(type(value), "varchar")


def stored_queries(folder: Path) -> list[int]:
    """Ids of the queries that have a stored result."""
    return sorted(int(path.stem.removeprefix("dune_")) for path in folder.glob("dune_*.json"))


def load(folder: Path, query_id: int) -> QueryResult | None:
    """The stored result, read again when the file changes; None if the query does not exist."""
    path = folder / f"dune_{query_id}.json"
    return _read(path, path.stat().st_mtime_ns) if path.exists() else None


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> QueryResult:
    content = json.loads(path.read_text())
    ended = content.get("execution_ended_at")
    moment = datetime.fromisoformat(ended.replace("Z", "+00:00")) if ended else None
    return QueryResult(tuple(content["rows"]), moment)


@dataclass(frozen=True)
class Page:
    """Rows `offset` to `offset + limit` of a result, reduced to the asked columns.

    :param promised: total_row_count as announced, which trouble may make larger than what is served.
    """

    result: QueryResult
    offset: int
    limit: int
    columns: list[str]
    promised: int

    @property
    def rows(self) -> list[Row]:
        wanted = self.result.rows[self.offset : self.offset + self.limit]
        return [{column: row[column] for column in self.columns} for row in wanted]

    @property
    def next_offset(self) -> int | None:
        following = self.offset + self.limit
        return following if following < len(self.result.rows) else None

    def metadata(self) -> dict[str, Any]:
        """The field `result.metadata` of a JSON answer."""
        rows = self.rows
        size = len(json.dumps(rows))
        return {
            "column_names": self.columns,
            "column_types": [self.result.type_of(column) for column in self.columns],
            "row_count": len(rows),
            "result_set_bytes": size,
            "total_row_count": self.promised,
            "total_result_set_bytes": size * max(1, self.promised) // max(1, len(rows)),
            "datapoint_count": len(rows) * len(self.columns),
            "pending_time_millis": 94,
            "execution_time_millis": 1_327,
        }

    def csv(self) -> str:
        """Header and rows; null is an empty field."""
        stream = io.StringIO()
        writer = csv.DictWriter(stream, self.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return stream.getvalue()
