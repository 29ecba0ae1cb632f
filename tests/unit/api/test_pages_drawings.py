"""Figures as words, and numbers as places on paper."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from regendata.api.pages import charts, coverage_maps, drawing, heat, html
from regendata.api.pages.airflow_state import GRACE, DagState
from regendata.api.pages.heat import Cell, HeatMap, Line
from regendata.coverage.intervals import Intervals
from regendata.coverage.slots import slots_between

NOW = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
DAY = date(2026, 5, 1)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.04, "0.0 s"), (9.96, "10.0 s"), (59, "59 s"), (61, "1 min"), (3_600, "1 h"), (3_660, "1 h 1 min"),
     (90_000, "1 d 1 h"), (86_399, "23 h 59 min"), (None, html.count(None))],
)  # fmt: skip
def test_durations(seconds: float | None, told: str) -> None:
    assert html.duration(seconds) == told


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (None, "never"),
        (NOW, "now"),
        (NOW - timedelta(hours=3), "3 h ago"),
        (NOW + timedelta(minutes=20), "in 20 min"),
    ],
)
def test_moments_beside_now(moment: datetime | None, told: str) -> None:
    assert html.ago(moment, NOW) == told


@pytest.mark.parametrize(
    ("size", "told"), [(0, "0 B"), (999, "999 B"), (1_500_000, "1.5 MB"), (None, html.count(None))]
)
def test_sizes(size: int | None, told: str) -> None:
    assert html.size(size) == told


def _dag(**facts: object) -> DagState:
    known: dict[str, object] = {
        "dag_id": "d", "title": "d", "schedule": "0 * * * *", "paused": False,
        "next_run": NOW + timedelta(hours=1), "period": timedelta(hours=1),
        "last_run_id": "r", "last_state": "success", "last_success": NOW,
    }  # fmt: skip
    return DagState(**{**known, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({}, "fresh"),
        ({"last_state": "failed", "paused": True}, "failed"),
        ({"next_run": NOW - GRACE - timedelta(seconds=1)}, "late"),
        ({"next_run": NOW - GRACE}, "fresh"),
        ({"last_success": NOW - timedelta(hours=2) - GRACE - timedelta(seconds=1)}, "late"),
        ({"last_success": NOW - timedelta(hours=2)}, "fresh"),
        ({"last_state": "running", "last_success": None}, "running"),
        ({"paused": True, "next_run": NOW - timedelta(days=3)}, "paused"),
        ({"schedule": None, "last_success": None, "last_state": None}, "never ran"),
        ({"schedule": None, "period": None, "last_success": NOW - timedelta(days=400)}, "fresh"),
    ],
)
def test_the_word_for_a_dag(facts: dict[str, object], word: str) -> None:
    assert _dag(**facts).word(NOW) == word


def test_a_year_of_days_stands_side_by_side() -> None:
    row = {"published": 1, "unchanged": 2, "not_published": 0, "slowest_s": 30.0}
    drawn = charts.history([row | {"day": DAY}, row | {"day": DAY - timedelta(days=364)}], 365, DAY)
    last, first = drawn.days
    assert first.bars[0].x == 0
    assert last.bars[0].x + last.bars[0].width <= charts.WIDTH
    assert drawn.most == 3
    assert sum(bar.height for bar in last.bars) == pytest.approx(charts.HEIGHT, abs=0.2)
    assert len(drawn.months) == 12


def test_days_before_the_year_are_left_out() -> None:
    row = {
        "day": DAY - timedelta(days=365),
        "published": 9,
        "unchanged": 0,
        "not_published": 0,
        "slowest_s": None,
    }
    assert charts.history([row], 365, DAY).days == ()


def test_a_long_edge_is_straight_past_the_boxes_it_passes() -> None:
    path = drawing.curve([(0, 0), (10, 5), (20, 5), (30, 0)])
    assert path == "M0 0C5 0 5 5 10 5L20 5C25 5 25 0 30 0"


@pytest.mark.parametrize(
    ("part", "whole", "word"),
    [(0, 9, "none"), (1, 9_000, "little"), (4, 9, "some"), (8_999, 9_000, "most"), (9, 9, "full")],
)
def test_nothing_and_all_are_never_rounded_to(part: int, whole: int, word: str) -> None:
    assert heat.share(part, whole) == word


def test_gaps_are_runs_the_longest_first() -> None:
    words = ["none", "full", "none", "unknown", "idle", "some"]
    line = Line("relay", [Cell(word, word) for word in words], lambda a, b: f"{a}-{b}")
    gaps = HeatMap("", "", words, [line, Line("no form", line.cells)], []).gaps()
    assert [(gap.href, gap.word) for gap in gaps] == [("2-3", "some"), ("0-0", "none"), ("5-5", "some")]


def test_a_day_of_a_relay_is_what_is_covered_of_what_is_wanted() -> None:
    days = [DAY - timedelta(days=2), DAY - timedelta(days=1), DAY]
    bounds = coverage_maps.slot_bounds(days)
    wanted = Intervals.of((bounds[1], bounds[2] + 100))
    covered = Intervals.of((bounds[0], bounds[1] + 10), (bounds[2], bounds[2] + 100))
    failed = [Intervals.of((bounds[1] + 10, bounds[1] + 12))]
    cells = coverage_maps.relay_cells(days, bounds, wanted, covered, failed)
    assert [cell.word for cell in cells] == ["idle", "unknown", "full"]
    assert "10 of 7,200 slots" in cells[1].told
    assert coverage_maps.relay_cells(days, bounds, wanted, covered, [])[1].word == "little"


def test_days_meet_without_a_slot_between_them() -> None:
    days = [DAY - timedelta(days=1), DAY]
    bounds = coverage_maps.slot_bounds(days)
    whole = slots_between(NOW.replace(hour=0) - timedelta(days=1), NOW.replace(hour=0) + timedelta(days=1))
    assert (bounds[0], bounds[-1]) == whole.span


def test_a_chain_is_measured_by_its_own_median_day() -> None:
    days = [DAY - timedelta(days=number) for number in (4, 3, 2, 1, 0)]
    found = {(1, days[0]): 100, (1, days[1]): 90, (1, days[2]): 10, (1, days[4]): 100}
    cells = coverage_maps.chain_cells(1, days, found)
    assert [cell.word for cell in cells] == ["full", "full", "little", "none", "full"]


def test_a_chain_is_silent_before_its_round_and_after_it() -> None:
    days = [DAY - timedelta(days=number) for number in reversed(range(9))]
    found = {(1, day): 5 for day in days[2:4]}
    words = [cell.word for cell in coverage_maps.chain_cells(1, days, found)]
    assert words == ["idle", "idle", "full", "full", "idle", "idle", "idle", "idle", "idle"]
