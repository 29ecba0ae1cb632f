"""Rows as cdr.fyi and the warehouse hold them, with only what a test is about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from regendata.sources.cdr.market import Market, Rules, market_of

RULES = Rules(excluded=frozenset({"excluded"}), dac_methods=frozenset({"DAC", "DACCS"}))


def order(
    order_id: str, day: str | None, tons: object, method: str = "Biochar", **other: Any
) -> dict[str, Any]:
    """A landed row of an order."""
    usual = {
        "purchaser_id": "p1",
        "supplier_id": "s1",
        "tons_delivered": Decimal(0),
        "price_usd": None,
        "type_of_agreement": "Credit Sale",
    }
    fixed = {
        "order_id": order_id,
        "announcement_date": date.fromisoformat(day) if day else None,
        "tons_purchased": None if tons is None else Decimal(str(tons)),
        "method": method,
    }
    return usual | fixed | other


def market(*orders: dict[str, Any], **names: str) -> Market:
    """A market with these orders; names are of suppliers and purchasers alike."""
    return market_of(orders, names, names, RULES)
