"""What counts as the market: credit sales, without excluded orders; and what is direct air capture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from regendata.sources.cdr.tables import CREDIT_SALE

ZERO = Decimal(0)
UNKNOWN_SUPPLIER = "Unknown Supplier"
UNKNOWN_PURCHASER = "Unknown Purchaser"
UNKNOWN_METHOD = "Unknown Method"
DAC = "DAC"

_NOT_IN_A_FIELD = re.compile(r"[,\"\s]+")


@dataclass(frozen=True)
class Rules:
    """Hand-kept facts of ``include/static_data``: excluded order ids, methods that are direct air capture."""

    excluded: frozenset[str]
    dac_methods: frozenset[str]


@dataclass(frozen=True)
class Order:
    """A counted order with the day it was announced on; tons and USD, unknown ones 0.

    :param price_usd: price of the whole order where it is public.
    """

    order_id: str
    day: date
    purchaser_id: str | None
    supplier_id: str | None
    method: str | None
    is_dac: bool
    purchased: Decimal
    delivered: Decimal
    price_usd: Decimal


@dataclass(frozen=True)
class Market:
    """Everything the figures are made of.

    :param orders: counted orders, by day and id.
    :param undated: counted orders without a day, which no curve can show.
    :param purchasers: id -> name, fit for a file; suppliers alike.
    """

    orders: Sequence[Order]
    undated: int
    purchasers: Mapping[str, str]
    suppliers: Mapping[str, str]


def counted(orders: Iterable[Mapping[str, Any]], rules: Rules) -> list[Mapping[str, Any]]:
    """Rows of the orders table that count toward volume."""
    return [
        row
        for row in orders
        if row["type_of_agreement"] == CREDIT_SALE and row["order_id"] not in rules.excluded
    ]


def market_of(
    orders: Iterable[Mapping[str, Any]],
    purchasers: Mapping[str, str],
    suppliers: Mapping[str, str],
    rules: Rules,
) -> Market:
    """The market in the landed rows of orders; the mappings are id -> name."""
    rows = counted(orders, rules)
    dated = [_order(row, rules) for row in rows if row["announcement_date"] is not None]
    return Market(
        sorted(dated, key=lambda order: (order.day, order.order_id)),
        len(rows) - len(dated),
        {key: plain(name) for key, name in purchasers.items()},
        {key: plain(name) for key, name in suppliers.items()},
    )


def plain(name: str) -> str:
    """A name as it may stand in a file whose reader splits lines at commas and knows no quotes."""
    return _NOT_IN_A_FIELD.sub(" ", name).strip()


def _order(row: Mapping[str, Any], rules: Rules) -> Order:
    return Order(
        order_id=row["order_id"],
        day=row["announcement_date"],
        purchaser_id=row["purchaser_id"],
        supplier_id=row["supplier_id"],
        method=row["method"],
        is_dac=row["method"] in rules.dac_methods,
        purchased=row["tons_purchased"] or ZERO,
        delivered=row["tons_delivered"] or ZERO,
        price_usd=row["price_usd"] or ZERO,
    )
