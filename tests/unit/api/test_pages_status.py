"""Why readers see what they see, in words."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from regendata.api.pages.status import _reason

NOON = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)


def _system(**facts: Any) -> dict[str, Any]:
    known = {"build_id": 7, "kind": "publish", "who": None, "why": None}
    return known | {"before": NOON - timedelta(hours=4), "started_at": NOON} | facts


def _landing(name: str, hours_ago: int, change: int | None = None) -> dict[str, Any]:
    return {"relation": name, "row_change": change, "landed_at": NOON - timedelta(hours=hours_ago)}


@pytest.mark.parametrize(
    ("system", "told"),
    [
        (_system(build_id=None), "nothing was published yet"),
        (_system(before=None), "the first publish"),
        (_system(kind="rollback", who="ann", why="wrong totals"), "rolled back by ann: wrong totals"),
        (_system(), "landed: a (+1,200 rows), b (-3 rows), c and 1 more"),
        (_system(before=NOON - timedelta(minutes=1)), "a model changed, or an input that landed long ago"),
    ],
)
def test_the_reason_of_what_is_in_use(system: dict[str, Any], told: str) -> None:
    landings = [_landing("a", 1, 1200), _landing("b", 2, -3), _landing("c", 3), _landing("d", 4, 9)]
    assert _reason(system, [*landings, _landing("before", 5, 1)]) == told
