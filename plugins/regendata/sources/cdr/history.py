"""What changed in a table from one pull to the next, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from regendata.sources.cdr.tables import Row

#: In place of a column where a whole row came or went.
WHOLE_ROW = "*"


@dataclass(frozen=True)
class Change:
    """One field that changed, or a row that came or went (as JSON).

    :param difference: after minus before, of numbers.
    """

    row_id: str
    column: str
    before: str | None
    after: str | None
    difference: Decimal | None
    kind: Literal["added", "changed", "removed"]


def changes(columns: Sequence[str], before: Iterable[Row], after: Iterable[Row]) -> Iterator[Change]:
    """Changes in the order of row ids; the first column is the id."""
    old = {str(row[0]): row for row in before}
    new = {str(row[0]): row for row in after}
    for row_id in sorted(old.keys() | new.keys()):
        if row_id not in old:
            yield Change(row_id, WHOLE_ROW, None, _whole(columns, new[row_id]), None, "added")
        elif row_id not in new:
            yield Change(row_id, WHOLE_ROW, _whole(columns, old[row_id]), None, None, "removed")
        else:
            yield from _fields(row_id, columns, old[row_id], new[row_id])


def _fields(row_id: str, columns: Sequence[str], old: Row, new: Row) -> Iterator[Change]:
    for column, before, after in zip(columns, old, new, strict=True):
        if before != after:
            yield Change(row_id, column, _text(before), _text(after), _difference(before, after), "changed")


def _whole(columns: Sequence[str], row: Row) -> str:
    """A row as JSON, for who asks what came or went."""
    return json.dumps(dict(zip(columns, row, strict=True)), default=str, ensure_ascii=False)


def _difference(before: object, after: object) -> Decimal | None:
    """A number that was unknown before, or is now, counts as 0."""
    numbers = [value for value in (before, after) if value is not None]
    if not all(isinstance(value, Decimal) for value in numbers):
        return None
    return Decimal(str(after or 0)) - Decimal(str(before or 0))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
