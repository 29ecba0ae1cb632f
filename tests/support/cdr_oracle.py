"""Figures of the carbon removal market computed a second time, from upstream rows, the plain way.

Shares no code with the warehouse: floats, loops over days, lists written down here.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

DAC = {
    "DAC",
    "Direct Air Carbon Capture and Storage (DACCS)",
    "Direct Air Carbon Capture and Sequestration (DACCS)",
}
LEFT_OUT = {"45afd8e0-8be9-4598-8437-e30dc620a4c8", "8af105d5-fb61-5882-b2ea-98332d5ae20b"}
Rows = list[dict[str, Any]]


class Line(NamedTuple):
    """A line of a file: text fields first, then numbers."""

    words: tuple[str, ...]
    numbers: tuple[float, ...]


def oracle(tables: dict[str, Rows]) -> dict[str, list[Line]]:
    """Lines of the three files made of orders."""
    orders = sales(tables["orders"])
    names = {row["supplier_id"]: clean(row["name"]) for row in tables["suppliers"]}
    return {
        "orders_for_viz": running(orders),
        "purchasers_for_viz": purchasers(orders),
        "suppliers_for_viz": suppliers(orders, names),
    }


def sales(orders: Rows) -> Rows:
    """Credit sales that count and have a day."""
    return [
        row
        for row in orders
        if row["type_of_agreement"] == "Credit Sale"
        and row["order_id"] not in LEFT_OUT
        and row["announcement_date"]
    ]


def days(orders: Rows) -> list[str]:
    """Every day from the first sale to the last."""
    first = date.fromisoformat(min(row["announcement_date"] for row in orders))
    last = date.fromisoformat(max(row["announcement_date"] for row in orders))
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def tons(row: dict[str, Any], column: str = "tons_purchased") -> float:
    return float(row[column] or 0)


def dac_price(orders: Rows) -> float:
    """USD per ton over all DAC orders with a public price."""
    priced = [
        row for row in orders if row["method"] in DAC and float(row["price_usd"] or 0) > 0 and tons(row) > 0
    ]
    return (
        sum(float(row["price_usd"]) for row in priced) / sum(tons(row) for row in priced) if priced else 0.0
    )


def running(orders: Rows) -> list[Line]:
    """Sums up to and including each day."""
    average = dac_price(orders)
    lines = []
    sums = [0.0] * 6
    for day in days(orders):
        for row in (row for row in orders if row["announcement_date"] == day):
            price, is_dac = float(row["price_usd"] or 0), row["method"] in DAC
            sums[0] += tons(row)
            sums[1] += tons(row, "tons_delivered")
            sums[2] += tons(row) if is_dac else 0
            sums[3] += tons(row, "tons_delivered") if is_dac else 0
            sums[4] += price
            sums[5] += (price or tons(row) * average) if is_dac else 0
        lines.append(Line((day,), tuple(sums)))
    return lines


def purchasers(orders: Rows) -> list[Line]:
    """Different purchasers up to and including each day."""
    lines = []
    seen: set[str] = set()
    seen_dac: set[str] = set()
    for day in days(orders):
        today = [row for row in orders if row["announcement_date"] == day]
        seen |= {row["purchaser_id"] for row in today if row["purchaser_id"]}
        seen_dac |= {row["purchaser_id"] for row in today if row["method"] in DAC and row["purchaser_id"]}
        lines.append(Line((day,), (float(len(seen)), float(len(seen_dac)))))
    return lines


def suppliers(orders: Rows, names: dict[str, str]) -> list[Line]:
    """Tons per year, supplier and DAC or not."""
    sold: dict[tuple[str, str, str], float] = {}
    for row in orders:
        name = names.get(row["supplier_id"], "Unknown Supplier")
        key = (row["announcement_date"][:4], name, "1" if row["method"] in DAC else "0")
        sold[key] = sold.get(key, 0.0) + tons(row)
    return [Line(key, (total,)) for key, total in sorted(sold.items())]


def deals(tables: dict[str, Rows]) -> list[tuple[str, str, str, float, str]]:
    """The ten newest sales: day, supplier, purchaser, tons, method; of one day the largest, then by id."""
    suppliers = {row["supplier_id"]: clean(row["name"]) for row in tables["suppliers"]}
    purchasers = {row["purchaser_id"]: clean(row["name"]) for row in tables["purchasers"]}
    found = sales(tables["orders"])
    found.sort(key=lambda row: row["order_id"])
    found.sort(key=tons, reverse=True)
    found.sort(key=lambda row: row["announcement_date"], reverse=True)
    return [
        (
            row["announcement_date"],
            suppliers[row["supplier_id"]],
            purchasers[row["purchaser_id"]],
            tons(row),
            "DAC" if row["method"] in DAC else clean(row["method"]),
        )
        for row in found[:10]
    ]


def clean(name: str) -> str:
    """A name without commas, quotes and line breaks."""
    for sign in ',"\n\t':
        name = name.replace(sign, " ")
    return " ".join(name.split())
