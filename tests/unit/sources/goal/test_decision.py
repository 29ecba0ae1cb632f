"""Which figures go out, which ask, and which do not, from the rules alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regendata.sources.goal.decision import Past, Refresh, Rules, daily_rise, judge

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=timezone.utc)
DAY = NOW.date()
GREEN = Refresh(8, "published", NOW - timedelta(hours=2))
RULES = Rules(timedelta(hours=12), off_trend_pct=5)


def past(*figures: int) -> list[Past]:
    """One a day, the last one yesterday."""
    first = DAY - timedelta(days=len(figures))
    return [Past(first + timedelta(days=at), Decimal(one)) for at, one in enumerate(figures)]


def test_a_figure_on_its_trend_goes_out() -> None:
    verdict = judge(Decimal(1_030), DAY, NOW, GREEN, past(1_000, 1_010, 1_020), RULES)
    assert (verdict.refused, verdict.question) == (None, None)


def test_the_first_figure_has_no_trend_and_goes_out() -> None:
    assert judge(Decimal(5), DAY, NOW, GREEN, [], RULES).question is None


def test_an_unchanged_refresh_is_green() -> None:
    assert judge(Decimal(5), DAY, NOW, Refresh(8, "unchanged", NOW), [], RULES).refused is None


@pytest.mark.parametrize(
    ("refresh", "said"),
    [
        (None, "nothing was refreshed yet"),
        (Refresh(8, "failed", NOW), "the refresh is not green: build 8 is failed"),
        (Refresh(8, "awaiting_approval", None), "the refresh is not green: build 8 is awaiting_approval"),
        (
            Refresh(8, "published", NOW - timedelta(hours=12, seconds=1)),
            "the refresh is stale: it ended 2026-11-22 02:29 UTC, more than 12 hours ago",
        ),
        (
            Refresh(8, "published", NOW, ("card 196 allo_gmv",)),
            "checks of build 8 failed: card 196 allo_gmv",
        ),
    ],
)
def test_a_refresh_at_fault_refuses(refresh: Refresh | None, said: str) -> None:
    assert judge(Decimal(5), DAY, NOW, refresh, [], RULES).refused == said


def test_a_figure_that_fell_is_refused_however_little() -> None:
    verdict = judge(Decimal("1019.99"), DAY, NOW, GREEN, past(1_000, 1_020), RULES)
    assert verdict.refused == "the figure fell from 1,020.00 on 2026-11-21 to 1,019.99"


@pytest.mark.parametrize(("figure", "asks"), [(1_081, False), (1_082, True), (1_020, False)])
def test_more_than_five_percent_off_the_trend_asks(figure: int, asks: bool) -> None:
    """Yesterday 1,020 and ten a day: 1,030 is expected, give or take 51.5."""
    verdict = judge(Decimal(figure), DAY, NOW, GREEN, past(1_000, 1_010, 1_020), RULES)
    assert (verdict.question is not None) == asks


def test_a_figure_that_stands_still_below_a_steep_trend_asks() -> None:
    verdict = judge(Decimal(400), DAY, NOW, GREEN, past(100, 200, 300, 400), RULES)
    assert verdict.question == "400.00 is more than 5 % off the trend: 500.00 after 400.00 on 2026-11-21"


def test_days_without_a_post_count() -> None:
    earlier = [Past(DAY - timedelta(days=5), Decimal(1_000)), Past(DAY - timedelta(days=3), Decimal(1_200))]
    assert daily_rise(earlier) == 100
    assert judge(Decimal(1_500), DAY, NOW, GREEN, earlier, RULES).question is None


def test_one_leap_does_not_make_the_trend() -> None:
    assert daily_rise(past(100, 110, 120, 900, 910, 920)) == 10


@settings(max_examples=50)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.integers(0, 10**9), st.integers(0, 50))
def test_what_goes_out_unasked_neither_fell_nor_leapt(figures: list[int], figure: int, pct: int) -> None:
    earlier = past(*sorted(figures))
    rules = Rules(timedelta(hours=12), pct)
    verdict = judge(Decimal(figure), DAY, NOW, GREEN, earlier, rules)
    if verdict.refused is None and verdict.question is None:
        expected = earlier[-1].figure + daily_rise(earlier)
        assert figure >= earlier[-1].figure
        assert abs(figure - expected) <= expected * pct / 100


def test_dates_only_count_whole_days() -> None:
    assert daily_rise([Past(date(2026, 1, 1), Decimal(1)), Past(date(2026, 1, 1), Decimal(5))]) == 4
