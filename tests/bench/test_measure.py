"""How sides are timed, and how figures are judged."""

from __future__ import annotations

import pytest

from bench.measure import Side, Timings, alternate, timed
from bench.result import at_least, at_most, ratio


def test_sides_take_turns_between_what_is_not_timed() -> None:
    seen: list[str] = []

    def side(name: str) -> Side:
        def step(what: str) -> None:
            seen.append(f"{what} {name}")

        return Side(lambda: step("run"), lambda: step("before"), lambda: step("after"))

    found = alternate({"a": side("a"), "b": side("b")}, rounds=2, budget_seconds=60)
    once = ["before a", "run a", "after a", "before b", "run b", "after b"]
    assert seen == once * 2
    assert {name: len(timings.seconds) for name, timings in found.items()} == {"a": 2, "b": 2}


def test_long_sides_are_measured_less_often() -> None:
    assert len(alternate({"a": Side(lambda: None)}, rounds=9, budget_seconds=0)["a"].seconds) == 1


def test_a_side_may_measure_itself() -> None:
    assert timed(Side(lambda: 12.5)) == 12.5


def test_what_follows_a_side_happens_after_an_error_too() -> None:
    cleared: list[bool] = []

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        timed(Side(fail, after=lambda: cleared.append(True)))
    assert cleared == [True]


@pytest.mark.parametrize(("least", "is_met"), [(3, True), (3.5, False)])
def test_a_ratio_is_taken_from_medians_and_judged(least: float, is_met: bool) -> None:
    line = ratio("x", Timings((9.0, 30.0, 1.0)), Timings((2.0, 4.0)), at_least(least))
    assert line.value == 3
    assert line.is_met is is_met


def test_a_limit_is_met_when_it_is_reached() -> None:
    assert at_most(0).is_met(0)
    assert not at_most(0).is_met(1)
    assert ratio("x", Timings((1.0,)), Timings((1.0,)), None).is_met is None


def test_timings_show_median_and_spread() -> None:
    assert str(Timings((2.0, 1.0, 4.0))) == "2 s (1-4)"
    assert str(Timings((0.12345,))) == "0.123 s"
