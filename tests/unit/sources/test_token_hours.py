"""Which hours are taken again, and in which batches."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from regendata.sources.token_metrics.hours import HOUR, SourceHour, Span, batches, changed_hours, hour_of


@pytest.mark.parametrize(
    ("hours", "most", "spans"),
    [
        ([], 3, []),
        ([5], 3, [(5, 6)]),
        ([5, 6, 7], 3, [(5, 6), (6, 8)]),
        ([6, 7, 8, 9], 3, [(6, 9), (9, 10)]),
        ([5, 7, 8], 3, [(5, 6), (7, 9)]),
    ],
)
def test_batches_have_no_gap_and_no_more_hours_than_allowed(
    hours: list[int], most: int, spans: list[tuple[int, int]]
) -> None:
    found = list(batches([hour * HOUR for hour in hours], most))
    assert found == [Span(begin * HOUR, end * HOUR) for begin, end in spans]
    assert sum(span.hours for span in found) == len(hours)


def test_an_hour_is_taken_when_it_is_new_or_another_one() -> None:
    source = [SourceHour(2 * HOUR, 1, "b"), SourceHour(HOUR, 1, "a"), SourceHour(3 * HOUR, 1, "c")]
    landed = {HOUR: "a", 2 * HOUR: "other", 4 * HOUR: "gone from the source"}
    assert [hour.timestamp // HOUR for hour in changed_hours(source, landed)] == [2, 3]
    assert [hour.timestamp // HOUR for hour in changed_hours(source, landed, is_forced=True)] == [1, 2, 3]


def test_the_hour_of_a_moment_in_any_zone() -> None:
    moment = datetime(2026, 3, 4, 5, 59, 59, tzinfo=timezone(timedelta(hours=2)))
    assert hour_of(moment) == int(datetime(2026, 3, 4, 3, tzinfo=timezone.utc).timestamp())
