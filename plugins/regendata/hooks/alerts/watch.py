"""A look around: what is late, waits, is missing or fills up; tells it, and closes what is right again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta

from regendata.alerts import judge
from regendata.alerts.alert import Alert, Kind
from regendata.hooks.alerts import channels, notify, observe, questions, state
from regendata.hooks.postgres import PgConnection, connect
from regendata.settings import Settings

#: What is looked at anew each time. A failed task is told where it fails, and ends by itself.
WATCHED = (Kind.LATE, Kind.APPROVAL_WAITING, Kind.COVERAGE_HOLE, Kind.DISK)


def look_around(
    options: Settings, now: datetime, still_parked: questions.StillParked
) -> dict[str, list[str]]:
    """Judge everything, tell what is wrong, close what is not any more.

    :param still_parked: whether a task that has asked a person waits still.
    :returns: keys that are wrong, those told now, and those closed.
    :raises SettingsError: a channel or a limit is written wrongly; this task is where that is seen.
    """
    channels.names(options)
    with connect() as conn:
        state.ensure(conn)
        alerts = list(wrong(conn, options, now, still_parked))
        keys = [alert.key for alert in alerts]
        closed = state.close(conn, [kind.value for kind in WATCHED], keys)
    return {"wrong": keys, "told": notify.tell(alerts), "closed": closed}


def wrong(
    conn: PgConnection, options: Settings, now: datetime, still_parked: questions.StillParked
) -> Iterator[Alert]:
    """Everything that is wrong now."""
    allowed = judge.limits(options.alert_late_hours)
    yield from judge.late(observe.last_successes(conn), allowed, observe.in_use_since(conn), now)
    patience = timedelta(minutes=options.alert_approval_minutes)
    asked = [*observe.waiting_builds(conn), *questions.waiting(conn, still_parked)]
    yield from judge.waiting(asked, patience, now)
    yield from judge.holes(observe.coverage_holes(conn), timedelta(hours=options.alert_hole_hours), now)
    yield from judge.disks(observe.disks(_folders()), options.alert_disk_free_pct)


def _folders() -> list[str]:
    """The droplet has one disk for all volumes; where there are more, each is seen once."""
    return [tempfile.gettempdir(), os.environ.get("AIRFLOW_HOME", "/"), "/"]


def send_heartbeat(url: str) -> bool:
    """Tell a dead man's switch elsewhere that somebody looks around here; False when it did not hear."""
    import requests

    try:
        return requests.get(url, timeout=channels.TIMEOUT_S).ok
    except requests.RequestException:
        return False
