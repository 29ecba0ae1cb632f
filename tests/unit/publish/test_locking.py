"""The order in which facades are locked."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from regendata.models.relation import Relation
from regendata.publish.locking import LockOrder

NAMES = [Relation("public", letter) for letter in "abcdefg"]
PLACES = st.integers(min_value=1, max_value=len(NAMES))


@given(st.permutations(NAMES))
def test_what_nobody_reads_is_locked_in_one_order_whoever_asks(names: list[Relation]) -> None:
    assert LockOrder.of(names, {}).names == NAMES


def test_what_is_read_most_is_locked_first() -> None:
    a, b, c, *_ = NAMES
    assert LockOrder.of([a, b, c], {c: 3, b: 1}).names == [c, b, a]


@given(st.lists(st.tuples(PLACES, PLACES)))
def test_nothing_is_lost_whatever_readers_do(pairs: list[tuple[int, int]]) -> None:
    order = LockOrder(list(NAMES))
    assert order.learn(json.dumps(pairs)) == bool(pairs)
    assert sorted(order.names) == NAMES


@given(st.permutations(range(len(NAMES))), st.data())
def test_readers_that_agree_are_followed_in_the_end(readers_order: list[int], data: st.DataObject) -> None:
    """Whatever pair stands against the readers' order is told, one at a time."""
    order, wanted = LockOrder(list(NAMES)), [NAMES[number] for number in readers_order]
    for _ in range(len(NAMES) ** 3):
        pairs = [
            (later + 1, earlier + 1)
            for later, one in enumerate(order.names)
            for earlier, other in enumerate(order.names[:later])
            if wanted.index(one) < wanted.index(other)
        ]
        if not pairs:
            break
        order.learn(json.dumps([data.draw(st.sampled_from(pairs))]))
    assert order.names == wanted


def test_other_errors_teach_nothing() -> None:
    order = LockOrder(list(NAMES))
    assert not order.learn(None)
    assert not order.learn("[]")
    assert order.names == NAMES


def test_names_are_quoted_twice() -> None:
    names = [Relation("experimental_views", "c"), Relation("public", "B\"'")]
    statement = LockOrder(names).statement(80).as_string(None)
    assert """ARRAY[''"experimental_views"."c"'', ''"public"."B""''''"''""" in statement
    assert "80 / 1000.0" in statement
