"""What is missing, and how it is divided."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regendata.coverage.intervals import Intervals, union
from regendata.coverage.slots import hour_of, slots_of
from regendata.sources.mev_boost.plan import (
    MOST_UNITS,
    Target,
    Wanted,
    as_markdown,
    first_ranges,
    gaps_of,
    make_plan,
)
from regendata.sources.mev_boost.relays import RELAYS

RATES = {name: relay.requests_per_s for name, relay in RELAYS.items()}
FIRST = slots_of(475_000)[0]
HOURS = 30
SLOTS = (FIRST, FIRST + 300 * HOURS)
RELAYS_ASKED = ("flashbots", "eden", "manifold")


def test_gaps_are_wanted_slots_of_a_lifetime_that_are_not_covered() -> None:
    wanted = Wanted((8_280_000, 8_280_400), ("titan", "bloxroute_ethical"))
    covered: dict[Target, Intervals] = {("titan", "bids"): Intervals.of((8_280_210, 8_280_220))}
    assert gaps_of(wanted, covered) == {
        ("titan", "payloads"): Intervals.of((8_280_205, 8_280_400)),
        ("titan", "bids"): Intervals.of((8_280_205, 8_280_210), (8_280_220, 8_280_400)),
    }


HOLES = st.lists(
    st.tuples(st.integers(*SLOTS), st.integers(1, 900)).map(lambda one: (one[0], one[0] + one[1])), max_size=8
)


@given(st.lists(HOLES, min_size=6, max_size=6), st.integers(1, 80), st.sampled_from([1, 900, 1e9]))
@settings(max_examples=40)
def test_a_plan_and_what_it_leaves_for_later_are_all_there_is(
    holes: list[list[tuple[int, int]]], most_units: int, round_s: float
) -> None:
    wanted = Wanted(SLOTS, RELAYS_ASKED)
    targets = [target for target, _ in wanted.targets()]
    gaps = gaps_of(wanted, dict(zip(targets, map(Intervals.from_pairs, holes), strict=True)))
    plan = make_plan(gaps, RATES, most_units, round_s)
    missing = union(gaps.values())
    assert plan.slots + plan.later == sum(gap.size for gap in gaps.values())
    assert len(plan.units) <= min(most_units, MOST_UNITS)
    planned = union(plan.gaps.values())
    assert (missing - planned).span[1] <= planned.span[0]
    ranges = [(unit.begin, unit.end) for unit in plan.units]
    assert ranges == sorted(ranges)
    assert sum(end - begin for begin, end in ranges) == union([Intervals.from_pairs(ranges)]).size
    assert not planned - Intervals.from_pairs(ranges)
    for begin, end in ranges:
        assert (begin, end) == (slots_of(hour_of(begin))[0], slots_of(hour_of(end - 1))[1])


def test_units_take_about_equally_many_requests() -> None:
    gaps = gaps_of(Wanted(SLOTS, ("flashbots",), ("bids",)), {})
    plan = make_plan(gaps, RATES, 10, 1e9)
    assert [unit.requests for unit in plan.units] == [900] * 10
    assert plan.requests == {("flashbots", "bids"): 9_000}


def test_a_round_lasts_as_long_as_its_slowest_relay() -> None:
    """Relays are asked side by side: their times do not add up."""
    gaps = gaps_of(Wanted(SLOTS, ("flashbots", "ultrasound", "eden"), ("bids",)), {})
    plan = make_plan(gaps, RATES, 4, 1e9)
    assert plan.seconds == pytest.approx(1.03 * 9_000 / RATES["eden"])
    short = make_plan(gaps, RATES, 4, 1.03 * 3 * 300 / RATES["eden"])
    assert short.gaps["eden", "bids"] == Intervals.of((SLOTS[1] - 900, SLOTS[1]))
    assert short.later == 3 * (9_000 - 900)
    assert short.seconds + short.later_seconds == pytest.approx(plan.seconds)


def test_a_round_has_one_hour_at_least() -> None:
    plan = make_plan(gaps_of(Wanted(SLOTS, ("eden",)), {}), RATES, 4, 1)
    assert plan.slots == 2 * 300


def test_nothing_is_missing() -> None:
    plan = make_plan({}, RATES, 4, 100)
    assert (plan.units, plan.slots, plan.later, plan.seconds) == ((), 0, 0, 0.0)


def test_a_plan_reads_well() -> None:
    gaps = gaps_of(Wanted(SLOTS, ("flashbots", "eden"), ("bids",)), {})
    text = as_markdown(make_plan(gaps, RATES, 8, 3_600), covered=1_234)
    assert "| eden | bids | 1,500 | 1,500 |" in text
    assert "3,000 slots in 5 units, about 51.5 minutes; 1,234 are covered already." in text
    assert "15,000 more slots follow in later rounds, about 4.3 hours." in text
    done = as_markdown(make_plan(gaps, RATES, 8, 1e9), covered=0)
    assert done.endswith("Nothing is left for later.")


def test_ranges_in_words() -> None:
    assert first_ranges(Intervals.of((1, 2), (5, 9))) == "1, 5-8"
    assert first_ranges(Intervals.from_values(range(0, 20, 2))) == "0, 2, 4 and 7 more"
