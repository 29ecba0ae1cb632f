"""Figures of small markets, computed by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from regendata.sources.cdr.figures import (
    latest_deals,
    orders_for_viz,
    public_dac_price,
    purchasers_for_viz,
    suppliers_for_viz,
)
from tests.unit.sources.cdr.builders import market, order

D = Decimal


def test_sums_run_over_days_and_gaps_repeat_the_day_before() -> None:
    found = market(
        order("b", "2024-05-03", 5, tons_delivered=D(2), price_usd=D(500)),
        order("a", "2024-05-01", 10, "DAC", price_usd=D(4000)),
    )
    assert orders_for_viz(found) == [
        (date(2024, 5, 1), D(10), D(0), D(10), D(0), D(4000), D(4000)),
        (date(2024, 5, 2), D(10), D(0), D(10), D(0), D(4000), D(4000)),
        (date(2024, 5, 3), D(15), D(2), D(10), D(0), D(4500), D(4000)),
    ]


def test_a_dac_order_without_price_is_valued_by_weight() -> None:
    """(100 x 600 + 300 x 200) / 400 = 300 USD a ton; an average of prices would say 400."""
    found = market(
        order("a", "2024-05-01", 100, "DAC", price_usd=D(60_000)),
        order("b", "2024-05-01", 300, "DACCS", price_usd=D(60_000)),
        order("c", "2024-05-01", 10, "DAC"),
        order("d", "2024-05-01", 10, "DAC", price_usd=D(0)),
        order("e", "2024-05-01", 7, "Biochar"),
        order("f", "2024-05-01", None, "DAC", price_usd=D(999)),
    )
    assert public_dac_price(found) == D(300)
    assert orders_for_viz(found)[-1][-2:] == (D(120_999), D(126_999))


def test_no_public_price_adds_nothing() -> None:
    assert orders_for_viz(market(order("a", "2024-05-01", 10, "DAC")))[-1][-1] == 0


def test_what_does_not_count() -> None:
    found = market(
        order("a", "2024-05-01", 1),
        order("excluded", "2024-05-01", 1000),
        order("m", "2024-05-01", 1000, type_of_agreement="MOU/LOI"),
        order("u", None, 1000),
    )
    assert orders_for_viz(found)[-1][1] == 1
    assert purchasers_for_viz(found)[-1][1] == 1
    assert suppliers_for_viz(found) == [(2024, "Unknown Supplier", 0, D(1))]
    assert len(latest_deals(found)) == 1
    assert found.undated == 1


def test_a_purchaser_counts_once_from_its_first_order_on() -> None:
    found = market(
        order("a", "2024-05-01", 1, purchaser_id="p1"),
        order("b", "2024-05-01", 1, purchaser_id="p1"),
        order("c", "2024-05-02", 1, "DAC", purchaser_id="p1"),
        order("d", "2024-05-03", 1, "DAC", purchaser_id="p1"),
        order("e", "2024-05-03", 1, "DAC", purchaser_id="p2"),
        order("f", "2024-05-03", 1, "DAC", purchaser_id=None),
    )
    assert [row[1:] for row in purchasers_for_viz(found)] == [(1, 0), (1, 1), (2, 2)]


def test_tons_of_suppliers_whose_names_are_one_without_commas_are_one_line() -> None:
    found = market(
        order("a", "2023-12-31", 1, supplier_id="s1"),
        order("b", "2024-01-01", 2, supplier_id="s1"),
        order("c", "2024-01-02", 3, supplier_id="s2"),
        order("d", "2024-01-02", 4, "DAC", supplier_id="s2"),
        s1="Acme, Inc.",
        s2='Acme  "Inc."',
    )
    assert suppliers_for_viz(found) == [
        (2023, "Acme Inc.", 0, D(1)),
        (2024, "Acme Inc.", 0, D(5)),
        (2024, "Acme Inc.", 1, D(4)),
    ]


def test_ties_among_the_newest_deals_are_broken_the_same_way_every_time() -> None:
    days = [order(f"o{number:02}", "2024-05-02", 5, supplier_id="s") for number in range(12)]
    large = order("zz", "2024-05-02", 9, "DACCS", supplier_id="s", purchaser_id="b")
    newest = order("y", "2024-05-03", 1, None, supplier_id="x")  # type: ignore[arg-type]
    expected = latest_deals(market(*days, large, newest, s="Seller", b="Buyer"))
    assert expected[0] == (date(2024, 5, 3), "Unknown Supplier", "Unknown Purchaser", D(1), "Unknown Method")
    assert expected[1] == (date(2024, 5, 2), "Seller", "Buyer", D(9), "DAC")
    assert len(expected) == 10
    assert latest_deals(market(newest, large, *reversed(days), s="Seller", b="Buyer")) == expected


_ORDERS = st.lists(
    st.tuples(
        st.dates(date(2024, 1, 1), date(2024, 2, 1)),
        st.decimals(0, 1000, places=2),
        st.sampled_from(["DAC", "Biochar"]),
        st.none() | st.decimals(0, 10_000, places=2),
    ),
    min_size=1,
    max_size=12,
)


@given(_ORDERS)
def test_curves_never_fall_and_end_at_the_sum(drawn: list[tuple[date, D, str, D | None]]) -> None:
    orders = [
        order(str(number), day.isoformat(), tons, method, price_usd=price)
        for number, (day, tons, method, price) in enumerate(drawn)
    ]
    rows = orders_for_viz(market(*orders))
    assert rows[-1][1] == sum(tons for _, tons, _, _ in drawn)
    assert len(rows) == (max(day for day, *_ in drawn) - min(day for day, *_ in drawn)).days + 1
    for earlier, later in pairwise(rows):
        assert all(after >= before for before, after in zip(earlier[1:], later[1:], strict=True))  # type: ignore[operator]
        assert later[3] <= later[1]  # type: ignore[operator]
