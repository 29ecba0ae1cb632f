"""Rows of cdr.fyi, pages of them, and how fast they may be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata import paths
from regendata.exceptions import BadSourceAnswer, ContentRefused, SourceUnavailable
from regendata.hooks.throttle import Throttle
from regendata.models.tables import load_tables
from regendata.sources.cdr.budget import CDR_FYI_LIMITS, Limit, wait_s
from regendata.sources.cdr.history import Change, changes
from regendata.sources.cdr.paging import pull_whole
from regendata.sources.cdr.tables import ORDERS, TABLES, Item, items_in, read_rows, refuse_bad_rows

GOOD = {
    "order_id": "o1",
    "status": "Partial",
    "type_of_agreement": "Credit Sale",
    "tons_purchased": "100.50",
    "tons_delivered": 7,
    "price_usd": None,
    "announcement_date": "2024-05-01",
    "delivery_verified": False,
    "notes": "",
}


def test_fields_are_the_columns_of_the_landed_tables() -> None:
    specs = load_tables(paths.TABLES)
    for table in TABLES.values():
        assert specs[table.relation].column_names == table.columns


def test_numbers_come_as_text_or_as_numbers() -> None:
    found = read_rows(ORDERS, [GOOD | {"surprise": 1}])
    row = dict(zip(ORDERS.columns, found.rows[0], strict=True))
    assert (row["tons_purchased"], row["tons_delivered"]) == (Decimal("100.50"), Decimal(7))
    assert (row["price_usd"], row["notes"], row["delivery_verified"]) == (None, None, False)
    assert row["announcement_date"] == date(2024, 5, 1)
    assert found.extra_fields == ("surprise",)


def test_a_moment_is_read_in_utc() -> None:
    item = {"supplier_id": "s", "name": "S", "created_at": "2024-05-01T23:30:00-02:00", "methods": ["DAC"]}
    row = dict(zip(TABLES["suppliers"].columns, read_rows(TABLES["suppliers"], [item]).rows[0], strict=True))
    assert row["created_at"] == datetime(2024, 5, 2, 1, 30, tzinfo=timezone.utc)
    assert row["methods"] == '["DAC"]'


@pytest.mark.parametrize(
    ("field_name", "value", "reason"),
    [
        ("status", "Lost", "is none of Delivered, MOU/LOI, Partial, Undelivered"),
        ("status", None, "is empty"),
        ("type_of_agreement", "", "is empty"),
        ("tons_purchased", "many", "is no number"),
        ("tons_purchased", "NaN", "is no number"),
        ("tons_purchased", True, "is no number"),
        ("tons_purchased", -1, "is negative"),
        ("announcement_date", "May 1st", "is no date"),
        ("delivery_verified", "yes", "is neither true nor false"),
        ("notes", {"a": 1}, "is no single value"),
    ],
)
def test_a_cell_that_keeps_its_row_out(field_name: str, value: Any, reason: str) -> None:
    found = read_rows(ORDERS, [GOOD, GOOD | {"order_id": "o2", field_name: value}])
    assert [row[0] for row in found.rows] == ["o1"]
    assert [(cell.row, cell.column, cell.reason) for cell in found.bad] == [(2, field_name, reason)]
    with pytest.raises(ContentRefused, match=f"orders: 1 of 2 rows cannot be read.*row 2, {field_name}"):
        refuse_bad_rows(ORDERS, found)


@pytest.mark.parametrize("field_name", ["price_usd", "notes"])
def test_a_private_value_is_shown_to_nobody(field_name: str) -> None:
    found = read_rows(ORDERS, [GOOD | {field_name: {"secret": 77}}])
    assert [(cell.column, cell.value) for cell in found.bad] == [(field_name, None)]
    with pytest.raises(ContentRefused) as caught:
        refuse_bad_rows(ORDERS, found)
    assert "77" not in str(caught.value)


def test_few_bad_rows_pass_and_no_rows_do_not() -> None:
    items: list[Item] = [GOOD | {"order_id": f"o{number}"} for number in range(100)]
    refuse_bad_rows(ORDERS, read_rows(ORDERS, [*items[:99], GOOD | {"status": "Lost"}]))
    with pytest.raises(ContentRefused, match="orders: 0 rows"):
        refuse_bad_rows(ORDERS, read_rows(ORDERS, []))


@pytest.mark.parametrize("name", ["orders", "newOrders"])
def test_the_one_list_of_an_answer_is_taken_under_any_name(name: str) -> None:
    assert items_in(ORDERS, {name: [GOOD], "page": 1}) == [GOOD]


@pytest.mark.parametrize(
    "body", [[], {}, {"a": [], "b": []}, {"orders": [1]}, "text", None, {"orders": [{"status": "Partial"}]}]
)
def test_an_answer_that_is_no_page(body: Any) -> None:
    with pytest.raises(BadSourceAnswer, match=r"cdr\.fyi orders"):
        items_in(ORDERS, body)


def _items(*ids: int) -> list[Item]:
    return [{"order_id": str(number)} for number in ids]


@dataclass
class Pages:
    """Serves rows two to a page; from each given request on, other rows."""

    rows: list[Item]
    later: dict[int, list[Item]] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    def __call__(self, page: int) -> list[Item]:
        self.asked.append(page)
        self.rows = self.later.get(len(self.asked), self.rows)
        return self.rows[2 * page - 2 : 2 * page]


def test_pages_until_an_empty_one_then_first_and_last_again() -> None:
    pages = Pages(_items(1, 2, 3, 4, 5))
    pulled = pull_whole(ORDERS, pages)
    assert [item["order_id"] for item in pulled.items] == list("12345")
    assert pages.asked == [1, 2, 3, 4, 1, 3]
    assert (pulled.pages, pulled.attempts) == (3, 1)


def test_an_empty_table_is_looked_at_twice() -> None:
    pages = Pages([])
    assert pull_whole(ORDERS, pages).items == []
    assert pages.asked == [1, 1]


@pytest.mark.parametrize(
    ("request_number", "rows"),
    [
        (2, _items(0, 1, 2, 3, 4, 5)),  # one added in front: page 2 repeats a row
        (3, _items(2, 3, 4, 5)),  # the first removed: page 1 is another one
        (4, _items(1, 2, 3, 5)),  # one removed behind the first page: the last page is another one
        (5, _items(1, 2, 3, 4, 5, 6)),  # one added at the end, after the last page was read
        (6, [{"order_id": "5", "notes": "restated"}, *_items(1, 2, 3, 4)][::-1]),  # a value changed
    ],
)
def test_rows_that_move_while_they_are_read_are_read_again(request_number: int, rows: list[Item]) -> None:
    pages = Pages(_items(1, 2, 3, 4, 5), {request_number: rows})
    pulled = pull_whole(ORDERS, pages)
    assert pulled.attempts == 2
    assert pulled.items == rows


def test_a_table_that_never_holds_still_is_given_up() -> None:
    with pytest.raises(
        SourceUnavailable, match="orders: rows moved in each of 3 attempts: page 2 repeats rows"
    ):
        pull_whole(ORDERS, lambda _: _items(1, 2))


def test_limits_are_those_of_the_documentation() -> None:
    assert (Limit(100, 60), Limit(1000, 3600)) == CDR_FYI_LIMITS


@given(st.integers(1, 2500))
def test_no_window_ever_holds_more_requests_than_its_limit(count: int) -> None:
    """Property, over the moments at which an eager client is let through."""
    moments: list[float] = []
    now = 0.0
    for _ in range(count):
        now += wait_s(moments[-1000:], now, CDR_FYI_LIMITS)
        moments.append(now)
    for limit in CDR_FYI_LIMITS:
        for earlier, later in zip(moments, moments[limit.requests :], strict=False):
            assert later - earlier >= limit.seconds


@dataclass
class Memory:
    """A ledger of one process."""

    limits: tuple[Limit, ...]
    asked: list[float] = field(default_factory=list)

    def reserve(self, now: float) -> float:
        wait = wait_s(self.asked, now, self.limits)
        if not wait:
            self.asked.append(now)
        return wait


def test_the_throttle_sleeps_until_there_is_room_and_no_longer_than_its_patience() -> None:
    clock = [0.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    throttle = Throttle("cdr.fyi", Memory((Limit(2, 60),)), 60, lambda: clock[0], sleep)
    for _ in range(3):
        throttle.turn()
    assert slept == [60.0]
    impatient = Throttle("cdr.fyi", throttle.ledger, 5, lambda: clock[0], sleep)
    impatient.turn()
    with pytest.raises(SourceUnavailable, match=r"cdr\.fyi: its limits leave room .* in 60 s"):
        impatient.turn()


def test_changes_name_what_was_restated_and_by_how_much() -> None:
    before = [("a", Decimal("1.0"), "x"), ("b", None, "x"), ("c", Decimal(1), "x")]
    after = [("a", Decimal("1.00"), "y"), ("b", Decimal("2.5"), "x"), ("d", Decimal(9), None)]
    assert list(changes(("id", "tons", "note"), before, after)) == [
        Change("a", "note", "x", "y", None, "changed"),
        Change("b", "tons", None, "2.5", Decimal("2.5"), "changed"),
        Change("c", "*", '{"id": "c", "tons": "1", "note": "x"}', None, None, "removed"),
        Change("d", "*", None, '{"id": "d", "tons": "9", "note": null}', None, "added"),
    ]
