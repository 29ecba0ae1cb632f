"""Dune query 4118421: Allo v2 distribution events with their GMV, made for the leaderboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from regendata.exceptions import BadSourceAnswer, EmptySource, StaleSource
from regendata.models.relation import Relation

CONN_ID = "dune"
QUERY_ID = 4118421
TABLE = Relation("landing", "dune_allo_v2_distribution_events")
COMPLETED = "QUERY_STATE_COMPLETED"

Row = tuple[str | None, str, str | None, str | None, str | None, float, str | None]


def check_result(
    state: str, ended_at: datetime | None, rows: int, announced: int, max_age: timedelta, now: datetime
) -> None:
    """Refuse a result that is not whole and fresh.

    :param announced: ``total_row_count`` of the result's metadata.
    :raises BadSourceAnswer: not completed, cut at Dune's size limit, or fewer rows than announced.
    :raises StaleSource: executed longer ago than ``max_age``.
    :raises EmptySource: no rows at all.
    """
    name = f"Dune query {QUERY_ID}"
    if state != COMPLETED:
        raise BadSourceAnswer(f"{name}: state {state}; only {COMPLETED} is a whole result")
    if ended_at is None or now - ended_at > max_age:
        raise StaleSource(f"{name}: executed {ended_at}, more than {max_age} ago; run it again on Dune")
    if rows == 0:
        raise EmptySource(f"{name}: the result has no rows")
    if rows != announced:
        raise BadSourceAnswer(f"{name}: {rows} rows came, {announced} were announced")


def to_rows(given: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Typed rows in the column order of the landed table.

    :raises BadSourceAnswer: naming row (from 1) and column.
    """
    return [_row(number, row) for number, row in enumerate(given, start=1)]


def _row(number: int, row: Mapping[str, Any]) -> Row:
    return (
        _cell(number, row, "blockchain", _text),
        _cell(number, row, "tx_timestamp", _timestamp),
        _cell(number, row, "tx_hash", _text),
        _cell(number, row, "address", _text),
        _cell(number, row, "role", _text),
        _cell(number, row, "gmv", _number),
        _cell(number, row, "strategy_name", _text),
    )


def _cell(number: int, row: Mapping[str, Any], column: str, convert: Callable[[Any], Any]) -> Any:
    if column not in row:
        raise BadSourceAnswer(f"Dune query {QUERY_ID}: row {number} has no column {column}")
    try:
        return convert(row[column])
    except (TypeError, ValueError) as error:
        raise BadSourceAnswer(
            f"Dune query {QUERY_ID}: row {number}, column {column}: cannot read {row[column]!r}"
        ) from error


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _number(value: Any) -> float:
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("not a finite number")
    return number


def _timestamp(value: Any) -> str:
    """``2024-09-23 12:58:53.000 UTC`` as ISO 8601 in UTC."""
    moment = datetime.fromisoformat(str(value).removesuffix(" UTC"))
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).isoformat()
