"""Backups as plans and records: names, manifests, what stays."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regendata.backups.keys import AFTER, BEFORE, ROWS, WHOLE, BackupId, Found, sort_out
from regendata.backups.manifest import FIRST_FORMAT, Archive, Manifest, TableFacts, differences
from regendata.backups.retention import outdated
from regendata.exceptions import BackupRefused

NOW = datetime(2026, 11, 22, 1, 40, tzinfo=timezone.utc)
BACKUP = BackupId("grants_db", NOW)
TABLES = {'"public"."a"': TableFacts(3, "12"), '"public"."m"': TableFacts(2, None)}
ARCHIVES = {BEFORE: Archive(60, "ab"), ROWS: Archive(900, "cd"), AFTER: Archive(40, "ef")}
MANIFEST = Manifest(BACKUP, "Grants", 18, ARCHIVES, TABLES, {'"indexer"."rounds"': "SELECT 1"})


def test_keys_are_read_back() -> None:
    other, old = (BackupId("airflow_db", NOW - timedelta(days=days)) for days in (1, 99))
    keys = [
        *(BACKUP.archive(name) for name in (BEFORE, ROWS, AFTER)),
        BACKUP.manifest,
        other.archive(BEFORE),
        other.manifest,
        old.archive(WHOLE),
        old.manifest,
        "backups/grants_db/notes.txt",
        "static/x",
        other.archive(ROWS) + "2",
    ]
    assert BACKUP.archive(ROWS) == "backups/grants_db/20261122T014000Z/data.pgdump"
    assert sort_out(keys) == Found((old, BACKUP), (other,))


def test_a_manifest_comes_back_as_it_was() -> None:
    assert Manifest.from_json(BACKUP, MANIFEST.to_json()) == MANIFEST
    assert (MANIFEST.rows, MANIFEST.size) == (5, 1_000)


def test_a_manifest_of_the_first_format_is_read() -> None:
    """Backups of earlier versions are kept for weeks."""
    body = json.loads(MANIFEST.to_json())
    del body["archives"], body["folder"]
    body |= {"format": FIRST_FORMAT, "key": BACKUP.archive(WHOLE), "size": 7, "sha256": "ef"}
    read = Manifest.from_json(BACKUP, json.dumps(body).encode())
    assert read.archives == {WHOLE: Archive(7, "ef")}
    assert read.tables == MANIFEST.tables


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda body: b"PGDMP" + body, "is no JSON"),
        (lambda body: b"[]", "is no manifest of regendata-backup/2"),
        (
            lambda body: body.replace(b"regendata-backup/2", b"other/1"),
            "is no manifest of regendata-backup/2",
        ),
        (lambda body: json.dumps({"format": "regendata-backup/2"}).encode(), "is no manifest"),
        (lambda body: json.dumps({"format": FIRST_FORMAT}).encode(), "is no manifest"),
        (
            lambda body: body.replace(b"20261122", b"20261121"),
            "belongs to backups/grants_db/20261121T014000Z",
        ),
    ],
)
def test_what_is_no_manifest_of_this_backup_is_refused(change, reason: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BackupRefused, match=f"^{BACKUP.manifest} {reason}"):
        Manifest.from_json(BACKUP, change(MANIFEST.to_json()))


@pytest.mark.parametrize(
    ("restored", "told"),
    [
        (TABLES, []),
        ({'"public"."a"': TableFacts(3, "12")}, ['"public"."m" is missing']),
        ({**TABLES, '"public"."b"': TableFacts(0, "0")}, ['"public"."b" is not in the manifest']),
        ({**TABLES, '"public"."m"': TableFacts(1, None)}, ['"public"."m" has 1 rows instead of 2']),
        (
            {**TABLES, '"public"."a"': TableFacts(3, "13")},
            ['"public"."a" has other rows than were backed up'],
        ),
    ],
)
def test_differences_name_the_table(restored: dict[str, TableFacts], told: list[str]) -> None:
    assert list(differences(TABLES, restored)) == told


def _daily(days: int) -> tuple[BackupId, ...]:
    return tuple(BackupId("grants_db", NOW - timedelta(days=day)) for day in range(days))


def test_days_and_weeks_stay() -> None:
    backups = _daily(60)
    removed = set(outdated(Found(backups, ()), 7, 5, NOW))
    kept = [one.taken_at.date().isoformat() for one in backups if one not in removed]
    assert kept[:7] == [(NOW - timedelta(days=day)).date().isoformat() for day in range(7)]
    # The 22nd is a Sunday, the end of an ISO week; so are those before.
    assert kept[7:] == ["2026-11-15", "2026-11-08", "2026-11-01", "2026-10-25"]


def test_of_one_day_the_newest_stays() -> None:
    earlier = BackupId("grants_db", NOW - timedelta(minutes=30))
    assert outdated(Found((earlier, BACKUP), ()), 7, 5, NOW) == [earlier]


def test_old_backups_stay_while_none_is_made() -> None:
    assert outdated(Found(_daily(5), ()), 7, 5, NOW + timedelta(days=400)) == []


def test_what_did_not_end_goes_after_a_day() -> None:
    young, old = (BackupId("grants_db", NOW - timedelta(hours=hours)) for hours in (23, 25))
    assert outdated(Found((), (old, young)), 7, 5, NOW) == [old]


@given(hours=st.sets(st.integers(0, 4_000), max_size=40), daily=st.integers(1, 9), weekly=st.integers(0, 6))
@settings(max_examples=50)
def test_the_newest_stays_and_removing_twice_removes_no_more(
    hours: set[int], daily: int, weekly: int
) -> None:
    backups = tuple(sorted(BackupId("grants_db", NOW - timedelta(hours=one)) for one in hours))
    removed = set(outdated(Found(backups, ()), daily, weekly, NOW))
    left = tuple(one for one in backups if one not in removed)
    assert not backups or backups[-1] in left
    assert len(left) <= daily + weekly
    assert len({one.taken_at.date() for one in left}) >= min(daily, len({b.taken_at.date() for b in backups}))
    assert outdated(Found(left, ()), daily, weekly, NOW) == []
