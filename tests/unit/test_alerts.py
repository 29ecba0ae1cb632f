"""From what was observed to what people are told."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest

from regendata import paths
from regendata.alerts import judge
from regendata.alerts.alert import Alert, Kind
from regendata.alerts.judge import Disk, Hole, Waiting
from regendata.exceptions import SettingsError
from regendata.settings import Settings

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


def test_limits_are_read() -> None:
    assert judge.limits(" grants=9, backup=30,") == {"grants": 9 * HOUR, "backup": 30 * HOUR}
    assert {"grants", "backup", "drill"} <= set(judge.limits(Settings().alert_late_hours))


@pytest.mark.parametrize("text", ["grants", "grants=", "=9", "grants=nine", "grants=1.5"])
def test_a_limit_written_wrongly_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match=f"REGENDATA_ALERT_LATE_HOURS must be like .*, not '{text}'"):
        judge.limits(text)


@pytest.mark.parametrize(
    ("last", "since", "told"),
    [
        ({"grants": NOW - 9 * HOUR}, NOW - 99 * HOUR, []),
        ({"grants": NOW - 10 * HOUR}, NOW - 99 * HOUR, ["grants: last 10 h ago; every 9 h at least"]),
        ({}, NOW - 10 * HOUR, ["grants: never yet; every 9 h at least"]),
        ({}, NOW - 8 * HOUR, []),
        ({}, None, []),
    ],
)
def test_late_counts_from_the_last_time_or_the_first_use(
    last: dict[str, datetime], since: datetime | None, told: list[str]
) -> None:
    found = list(judge.late(last, {"grants": 9 * HOUR}, since, NOW))
    assert [alert.text.split(" is what")[0] for alert in found] == told
    assert all(alert.key == "late: grants" for alert in found)


def test_who_is_asked_is_told_only_after_patience() -> None:
    found = [
        Waiting("grants build 7", "Publish it?", NOW - timedelta(minutes=31)),
        Waiting("grants build 8", "Publish it?", NOW),
    ]
    (alert,) = judge.waiting(found, timedelta(minutes=30), NOW)
    assert alert.key == "approval waiting: grants build 7"
    assert alert.text == "Publish it? Waits for an answer since 2026-11-22 11:29 UTC."


def test_a_hole_is_told_with_its_last_error() -> None:
    found = [Hole("bids of a", 70, NOW - 7 * HOUR, "HTTP 500"), Hole("bids of b", 1, NOW, "HTTP 429")]
    (alert,) = judge.holes(found, 6 * HOUR, NOW)
    assert (alert.kind, alert.subject) == (Kind.COVERAGE_HOLE, "bids of a")
    assert "70 numbers" in alert.text
    assert alert.text.endswith("HTTP 500")


@pytest.mark.parametrize(("free", "wrong"), [(15, False), (14, True), (0, True)])
def test_a_disk_with_too_little_room(free: int, wrong: bool) -> None:
    assert bool(list(judge.disks([Disk("/", free, 100)], 15))) is wrong


def test_every_kind_has_a_chapter_in_the_runbook() -> None:
    text = (paths.REPOSITORY / Settings().alert_runbook).read_text(encoding="utf-8")
    anchors = {
        line[3:].strip().lower().replace(" ", "-") for line in text.splitlines() if line.startswith("## ")
    }
    assert {kind.anchor for kind in Kind} <= anchors
    assert len(re.findall(r"^\*\*What to do\*\*", text, re.MULTILINE)) == len(Kind)


def test_the_body_leads_to_the_runbook() -> None:
    alert = Alert(Kind.TASK_FAILED, "grants.publish", "x" * 5_000, "https://airflow/log")
    body = alert.body("https://docs/alerts.md")
    assert "https://docs/alerts.md#task-failed" in body
    assert body.endswith("More: https://airflow/log")
    assert len(body) < 2_200
