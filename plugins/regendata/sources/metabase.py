"""What Metabase answers about a card, and how that compares with the warehouse's own figures."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from regendata.exceptions import BadSourceAnswer
from regendata.models.relation import Relation

CONN_ID = "metabase"
#: Sums of floating-point numbers depend on the order of rows.
TOLERANCE = 1e-9
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Card:
    """A question that others read through Metabase's API.

    :param name: of the file with the same question in SQL, ``include/sql/steps/metabase/<name>.sql``.
    """

    number: int
    name: str

    @property
    def relation(self) -> Relation:
        """What checks about the card are filed under."""
        return Relation(CONN_ID, f"card_{self.number}")


ALLO_GMV = Card(196, "allo_gmv")
HEADLINE_FIGURES = Card(328, "headline_figures")
CARDS = (ALLO_GMV, HEADLINE_FIGURES)


def rows_of(answer: object, card: int) -> list[dict[str, Any]]:
    """Rows of a card's answer, keyed by the columns' display names.

    :raises BadSourceAnswer: a failed query, which Metabase answers with an object and no HTTP error, or
        anything else that is not a list of rows.
    """
    where = f"Metabase card {card}"
    if isinstance(answer, Mapping):
        state, error = answer.get("state"), str(answer.get("error") or answer.get("status") or "no reason")
        raise BadSourceAnswer(f"{where}: its query failed, {state or 'no state'}: {error.splitlines()[0]}")
    if not isinstance(answer, list) or not all(isinstance(row, Mapping) for row in answer):
        raise BadSourceAnswer(f"{where}: the answer is {_kind(answer)}, not a list of rows")
    return [dict(row) for row in answer]


def only_row(rows: Sequence[Row], card: int) -> Row:
    """:raises BadSourceAnswer: there is none, or more than one."""
    if len(rows) != 1:
        raise BadSourceAnswer(f"Metabase card {card}: {len(rows)} rows, not one")
    return rows[0]


def only_figure(rows: Sequence[Row], card: int) -> Decimal:
    """The number of a card that shows one number.

    :raises BadSourceAnswer: more or fewer rows or columns than one, or something else than a number.
    """
    row = only_row(rows, card)
    if len(row) != 1:
        raise BadSourceAnswer(f"Metabase card {card}: columns {', '.join(row) or 'none'}, not one")
    return next(figure(value, f"Metabase card {card}: {column}") for column, value in row.items())


def figure(value: object, where: str) -> Decimal:
    """A finite number as it came over the wire.

    :raises BadSourceAnswer: naming the place and what stands there.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise BadSourceAnswer(f"{where} is {_kind(value)}, not a number")
    if not math.isfinite(value):
        raise BadSourceAnswer(f"{where} is {value}, not a number")
    return Decimal(str(value))


@dataclass(frozen=True)
class Compared:
    """One column of a card beside the warehouse's own figure.

    :param told, known: as text: what Metabase shows, what the warehouse says.
    """

    column: str
    is_equal: bool
    told: str
    known: str


def compare(told: Row, known: Row) -> list[Compared]:
    """Every column of either side.

    :param told: the row Metabase shows.
    :param known: the row of the same question asked of the warehouse.
    """
    columns = [*known, *(column for column in told if column not in known)]
    return [
        Compared(
            column,
            _same(told.get(column), known.get(column)),
            _shown(told, column),
            _shown(known, column),
        )
        for column in columns
    ]


def columns_digest(columns: Iterable[tuple[str, str, str, str]]) -> str:
    """One text for all columns (schema, relation, column, type), equal as long as they are."""
    lines = sorted("\t".join(one) for one in columns)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _same(told: object, known: object) -> bool:
    try:
        pair = float(figure(told, "told")), float(figure(known, "known"))
    except BadSourceAnswer:
        return False
    return math.isclose(*pair, rel_tol=TOLERANCE)


def _shown(row: Row, column: str) -> str:
    if column not in row:
        return "no such column"
    value = row[column]
    return str(value) if isinstance(value, (int, float, Decimal)) else _kind(value)


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    return f"{type(value).__name__} {str(value)[:60]!r}"
