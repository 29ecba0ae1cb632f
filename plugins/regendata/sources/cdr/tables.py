"""cdr.fyi's four tables: the contract of each, and its JSON rows as typed rows.

Wire format and limits: docs.cdr.fyi. Numbers come as JSON numbers or as strings; empty strings are nulls.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from regendata.exceptions import BadSourceAnswer, ContentRefused
from regendata.models.relation import Relation
from regendata.sources.cells import Unreadable
from regendata.sources.rows import BadCell

CONN_ID = "cdr_fyi"
SCHEMA = "cdr_market"
CREDIT_SALE = "Credit Sale"
STATUSES = frozenset({"MOU/LOI", "Undelivered", "Partial", "Delivered"})
#: Largest part of a table's rows that may be left out, and how many of them an error shows.
MOST_BAD_SHARE = 0.01
_SHOWN = 5

Item = Mapping[str, Any]
Row = tuple[object, ...]
Reader = Callable[[Any], object]


def text(value: Any) -> str:
    """Any scalar as text without NUL, which Postgres cannot keep."""
    if isinstance(value, (dict, list)):
        raise Unreadable("is no single value")
    return str(value).replace("\0", "").strip()


def amount(value: Any) -> Decimal:
    """A number of tons or dollars, never negative."""
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise Unreadable("is no number") from error
    if isinstance(value, bool) or not number.is_finite():
        raise Unreadable("is no number")
    if number < 0:
        raise Unreadable("is negative")
    return number


def whole(value: Any) -> int:
    """A whole number such as a year."""
    number = amount(value)
    if number != number.to_integral_value():
        raise Unreadable("is no whole number")
    return int(number)


def day(value: Any) -> date:
    """``2024-05-01``, or the day of an ISO moment in UTC."""
    return moment(value).date()


def moment(value: Any) -> datetime:
    """An ISO 8601 moment; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError as error:
        raise Unreadable("is no date") from error
    return found.replace(tzinfo=timezone.utc) if found.tzinfo is None else found.astimezone(timezone.utc)


def flag(value: Any) -> bool:
    """A JSON boolean."""
    if not isinstance(value, bool):
        raise Unreadable("is neither true nor false")
    return value


def as_json(value: Any) -> str:
    """A list or an object, as the text of its JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True).replace("\\u0000", "")


def status(value: Any) -> str:
    """One of the four states of a delivery."""
    if value not in STATUSES:
        raise Unreadable(f"is none of {', '.join(sorted(STATUSES))}")
    return str(value)


@dataclass(frozen=True)
class Field:
    """One field of a row, and how it is read; only required fields may not be null or absent.

    :param private: values may be under agreements with CDR.fyi's partners: no message shows them.
    """

    name: str
    read: Reader = text
    required: bool = False
    private: bool = False


@dataclass(frozen=True)
class Table:
    """One table of cdr.fyi; its name is the endpoint's, its fields stand in the landed table's order."""

    name: str
    fields: tuple[Field, ...]
    min_rows: int = 1

    @property
    def key(self) -> str:
        """The field that names a row."""
        return self.fields[0].name

    @property
    def relation(self) -> Relation:
        return Relation(SCHEMA, self.name)

    @property
    def source(self) -> str:
        """Name in the meta tables."""
        return f"cdr_fyi/{self.name}"

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)


@dataclass(frozen=True)
class TableRows:
    """What a pull holds: rows sorted by key, cells that keep a row out, fields nobody asked for."""

    rows: list[Row]
    bad: list[BadCell]
    extra_fields: tuple[str, ...]


def _organisations(name: str, key: str, min_rows: int = 1) -> Table:
    """Purchasers, suppliers and marketplaces are described alike."""
    described = ("website", "logo", "slug", "tagline", "description")
    places = ("geo_city", "geo_country", "twitter")
    return Table(
        name,
        (
            Field(key, required=True),
            Field("name", required=True),
            Field("methods", as_json),
            *(Field(column) for column in described),
            Field("year_founded", whole),
            *(Field(column) for column in places),
            Field("is_verified", flag),
            Field("created_at", moment),
        ),
        min_rows,
    )


ORDERS = Table(
    "orders",
    (
        Field("order_id", required=True),
        Field("purchaser_id"),
        Field("supplier_id"),
        Field("marketplace_id"),
        Field("parent_id"),
        Field("status", status, required=True),
        Field("method"),
        Field("tons_purchased", amount),
        Field("tons_delivered", amount),
        Field("price_usd", amount, private=True),
        Field("announcement_date", day),
        Field("announcement_link"),
        Field("latest_delivery_date", day),
        Field("durability_years", amount),
        Field("type_of_agreement", required=True),
        Field("delivery_verified", flag),
        Field("delivery_status_source"),
        Field("delivery_forecast"),
        Field("delivery_verification_source"),
        Field("source_type"),
        Field("notes", private=True),
    ),
)
PURCHASERS = _organisations("purchasers", "purchaser_id")
SUPPLIERS = _organisations("suppliers", "supplier_id")
MARKETPLACES = _organisations("marketplaces", "marketplace_id", min_rows=0)
TABLES = {table.name: table for table in (ORDERS, PURCHASERS, SUPPLIERS, MARKETPLACES)}


def items_in(table: Table, body: Any) -> list[Item]:
    """The rows in an answer, whose one list may stand under any name: the documentation itself shows two.

    :raises BadSourceAnswer: no object with exactly one list of objects, or a row without its key.
    """
    lists = [value for value in body.values() if isinstance(value, list)] if isinstance(body, dict) else []
    if len(lists) != 1 or not all(isinstance(item, dict) for item in lists[0]):
        shown = ", ".join(body) if isinstance(body, dict) else type(body).__name__
        raise BadSourceAnswer(f"cdr.fyi {table.name}: expected one list of rows in the answer, found {shown}")
    for item in lists[0]:
        if not item.get(table.key):
            raise BadSourceAnswer(f"cdr.fyi {table.name}: a row has no {table.key}: {sorted(item)}")
    return list(lists[0])


def read_rows(table: Table, items: Iterable[Item]) -> TableRows:
    """Typed rows, whatever order they came in."""
    rows: list[Row] = []
    bad: list[BadCell] = []
    seen: set[str] = set()
    for number, item in enumerate(items, start=1):
        seen |= item.keys()
        read = _read_row(table, number, item)
        bad.append(read) if isinstance(read, BadCell) else rows.append(read)
    extra = tuple(sorted(seen - set(table.columns)))
    return TableRows(sorted(rows, key=lambda row: str(row[0])), bad, extra)


def refuse_bad_rows(table: Table, found: TableRows) -> None:
    """Stop when too many rows cannot be read, or too few are left.

    :raises ContentRefused: with row, field and reason of the first ones.
    """
    total = len(found.rows) + len(found.bad)
    shown = "; ".join(map(str, found.bad[:_SHOWN]))
    if len(found.bad) > total * MOST_BAD_SHARE:
        raise ContentRefused(
            f"cdr.fyi {table.name}: {len(found.bad)} of {total} rows cannot be read, more than "
            f"{MOST_BAD_SHARE:.0%}: {shown}. All are in meta.quarantine; the last rows stay in use"
        )
    if len(found.rows) < table.min_rows:
        raise ContentRefused(f"cdr.fyi {table.name}: {len(found.rows)} rows; the last rows stay in use")


def _read_row(table: Table, number: int, item: Item) -> Row | BadCell:
    values: list[object] = []
    for field in table.fields:
        value = item.get(field.name)
        try:
            values.append(_read(field, value))
        except Unreadable as error:
            shown = None if value is None or field.private else str(value)
            return BadCell(number, field.name, shown, str(error))
    return tuple(values)


def _read(field: Field, value: Any) -> object:
    if value is not None and value != "":
        return field.read(value)
    if field.required:
        raise Unreadable("is empty")
    return None


def by_name(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Rows as column -> value."""
    return (dict(zip(columns, row, strict=True)) for row in rows)
