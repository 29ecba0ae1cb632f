"""What the public may know of the daily run: whether the files are of today, and since when they are not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["published", "unchanged", "failed"]


@dataclass(frozen=True)
class Status:
    """The last run of an environment.

    :param last_success: when the files were last known to be right, whether they changed or not.
    :param last_change: when other files were published.
    :param stale_since: the last success, as long as runs fail; None when all is well.
    :param failed_tasks: names of tasks; their messages stay in the house.
    """

    state: State
    run_id: str
    checked_at: str
    last_success: str | None
    last_change: str | None
    stale_since: str | None
    failed_tasks: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()


def next_status(
    before: Mapping[str, Any] | None, run_id: str, now: str, published: State, failed: Sequence[str]
) -> Status:
    """The status after a run.

    :param before: the status so far, as its JSON says; None at first.
    :param now: ISO 8601 in UTC.
    :param published: what publishing did, where the run came that far.
    :param failed: tasks that failed. Files may be published while the scraped total failed: the set is then
        new, and the run failed all the same.
    """
    known = before or {}
    last_success, last_change = known.get("last_success"), known.get("last_change")
    if published == "published":
        last_change = now
    if failed:
        stale = known.get("stale_since") or last_success
        return Status("failed", run_id, now, last_success, last_change, stale, tuple(sorted(failed)))
    return Status(published, run_id, now, now, last_change, None)
