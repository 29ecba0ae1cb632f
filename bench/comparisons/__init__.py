"""The comparisons, by name, in the order they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.comparisons import (
    api,
    bids,
    diff,
    groups,
    landing,
    mev_day,
    parse,
    passport,
    publish,
    refresh,
    rollback,
    scheduler,
    tokens,
)
from bench.context import Bench
from bench.result import Result

COMPARISONS: Mapping[str, Callable[[Bench], Result]] = {
    "refresh": refresh.compare,
    "landing": landing.compare,
    "publish": publish.compare,
    "rollback": rollback.compare,
    "diff": diff.compare,
    "passport": passport.compare,
    "tokens": tokens.compare,
    "api": api.compare,
    "bids": bids.compare,
    "mev_day": mev_day.compare,
    "scheduler": scheduler.compare,
    "parse": parse.compare,
    "groups": groups.compare,
}
