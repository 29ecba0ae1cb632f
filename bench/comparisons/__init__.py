"""The comparisons, by name, in the order they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.comparisons import (
    api,
    bids,
    diff,
    groups,
    increments,
    landing,
    mev_day,
    pages,
    parse,
    passport,
    publish,
    refresh,
    relays,
    rollback,
    scheduler,
    token_pages,
    tokens,
)
from bench.context import Bench
from bench.result import Result

COMPARISONS: Mapping[str, Callable[[Bench], Result]] = {
    "refresh": refresh.compare,
    "increments": increments.compare,
    "landing": landing.compare,
    "publish": publish.compare,
    "rollback": rollback.compare,
    "diff": diff.compare,
    "passport": passport.compare,
    "tokens": tokens.compare,
    "api": api.compare,
    "relays": relays.compare,
    "bids": bids.compare,
    "mev_day": mev_day.compare,
    "pages": pages.compare,
    "token_pages": token_pages.compare,
    "scheduler": scheduler.compare,
    "parse": parse.compare,
    "groups": groups.compare,
}
