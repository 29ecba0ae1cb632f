"""Slots and hours."""

from __future__ import annotations

from datetime import datetime, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from regendata.coverage import slots
from regendata.coverage.intervals import Intervals


def test_a_slot_that_is_known() -> None:
    """The block of slot 8,781,722 has this timestamp on the chain."""
    assert slots.as_moment(8_781_722) == datetime(2024, 4, 4, 4, 24, 47, tzinfo=timezone.utc)
    assert slots.as_moment(0) == datetime(2020, 12, 1, 12, 0, 23, tzinfo=timezone.utc)


@given(st.integers(0, 20_000_000))
@settings(max_examples=50)
def test_every_slot_is_in_its_hour_and_in_no_other(slot: int) -> None:
    hour = slots.hour_of(slot)
    begin, end = slots.slots_of(hour)
    assert begin <= slot < end
    assert slots.slots_of(hour - 1)[1] == begin
    assert slots.slots_of(hour + 1)[0] == end
    assert slots.slot_at(slots.start_of(slot)) == slots.slot_at(slots.start_of(slot) + 11.9) == slot
    assert (
        slots.first_slot_from(slots.start_of(slot))
        == slot
        == slots.first_slot_from(slots.start_of(slot) - 11)
    )


@given(st.integers(446_400, 600_000))
@settings(max_examples=20)
def test_an_hour_has_300_slots(hour: int) -> None:
    begin, end = slots.slots_of(hour)
    assert end - begin == slots.HOUR_SLOTS == 300


def test_before_the_first_slot_there_is_nothing() -> None:
    genesis = slots.hour_of(0)
    assert slots.slots_of(genesis - 1) == (0, 0)
    assert slots.slots_of(genesis)[0] == 0


def test_hours_of_slots() -> None:
    begin, end = slots.slots_of(480_000)
    assert slots.hours_of(Intervals.of((begin, end))) == Intervals.of((480_000, 480_001))
    assert slots.hours_of(Intervals.of((begin - 1, end + 1))) == Intervals.of((479_999, 480_002))


def test_slots_between_moments() -> None:
    begin, end = (datetime(2024, 4, 4, hour, tzinfo=timezone.utc) for hour in (4, 6))
    found = slots.slots_between(begin, end)
    assert found.size == 600
    assert slots.as_moment(found.span[0]) >= begin > slots.as_moment(found.span[0] - 1)
    assert slots.as_moment(found.span[1] - 1) < end
