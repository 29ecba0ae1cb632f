"""Figures of the market, as rows of the files for the website."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from regendata.sources.cdr.market import (
    DAC,
    UNKNOWN_METHOD,
    UNKNOWN_PURCHASER,
    UNKNOWN_SUPPLIER,
    ZERO,
    Market,
    Order,
    plain,
)

Row = tuple[object, ...]
Sums = tuple[Decimal, ...]
LATEST_DEALS = 10


def orders_for_viz(market: Market) -> list[Row]:
    """One row per day from the first order to the last: running sums of tons and USD, all and DAC only."""
    price = public_dac_price(market)
    by_day: dict[date, Sums] = defaultdict(lambda: (ZERO,) * 6)
    for order in market.orders:
        by_day[order.day] = _plus(by_day[order.day], _contribution(order, price))
    rows: list[Row] = []
    total: Sums = (ZERO,) * 6
    for day in _days(list(by_day)):
        total = _plus(total, by_day[day]) if day in by_day else total
        rows.append((day, *total))
    return rows


def public_dac_price(market: Market) -> Decimal:
    """Average public price of a ton of direct air capture, weighted by tons; 0 when none is public."""
    priced = [order for order in market.orders if order.is_dac and order.price_usd and order.purchased]
    tons = sum((order.purchased for order in priced), ZERO)
    return sum((order.price_usd for order in priced), ZERO) / tons if tons else ZERO


def purchasers_for_viz(market: Market) -> list[Row]:
    """One row per day: how many purchasers had bought by then, each counted from its first order on."""
    first: dict[str, date] = {}
    first_dac: dict[str, date] = {}
    for order in market.orders:
        if order.purchaser_id is not None:
            first.setdefault(order.purchaser_id, order.day)
            if order.is_dac:
                first_dac.setdefault(order.purchaser_id, order.day)
    new, new_dac = Counter(first.values()), Counter(first_dac.values())
    rows: list[Row] = []
    count, dac_count = 0, 0
    for day in _days([order.day for order in market.orders]):
        count += new[day]
        dac_count += new_dac[day]
        rows.append((day, count, dac_count))
    return rows


def suppliers_for_viz(market: Market) -> list[Row]:
    """Tons sold per year, supplier and whether by direct air capture."""
    sold: dict[tuple[int, str, int], Decimal] = defaultdict(lambda: ZERO)
    for order in market.orders:
        name = market.suppliers.get(order.supplier_id or "", UNKNOWN_SUPPLIER)
        sold[(order.day.year, name, int(order.is_dac))] += order.purchased
    return [(*key, tons) for key, tons in sorted(sold.items())]


def latest_deals(market: Market) -> list[Row]:
    """The newest orders, the largest of a day first."""
    newest = sorted(
        market.orders, key=lambda order: (-order.day.toordinal(), -order.purchased, order.order_id)
    )
    return [
        (
            order.day,
            market.suppliers.get(order.supplier_id or "", UNKNOWN_SUPPLIER),
            market.purchasers.get(order.purchaser_id or "", UNKNOWN_PURCHASER),
            order.purchased,
            DAC if order.is_dac else plain(order.method or "") or UNKNOWN_METHOD,
        )
        for order in newest[:LATEST_DEALS]
    ]


def _contribution(order: Order, dac_price: Decimal) -> Sums:
    """Tons purchased and delivered, both of DAC, USD, USD of DAC by average where none is public."""
    if not order.is_dac:
        return order.purchased, order.delivered, ZERO, ZERO, order.price_usd, ZERO
    value = order.price_usd or order.purchased * dac_price
    return order.purchased, order.delivered, order.purchased, order.delivered, order.price_usd, value


def _plus(one: Sums, other: Sums) -> Sums:
    return tuple(left + right for left, right in zip(one, other, strict=True))


def _days(some: list[date]) -> Iterator[date]:
    """Every day from the first to the last of some."""
    if some:
        for offset in range((max(some) - min(some)).days + 1):
            yield min(some) + timedelta(days=offset)
