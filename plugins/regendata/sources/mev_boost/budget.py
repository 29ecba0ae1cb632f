"""Requests to one host within its budget: evenly paced, slower after refusals, over all processes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

#: Requests go out this much further apart than the budget says: clocks and lines are not even.
MARGIN = 1.03
#: One reservation holds the starts of about so many seconds.
RESERVED_S = 1.0
MOST_RESERVED = 64
#: However often a host refuses, it is asked every so many times the interval.
SLOWEST = 8.0
_AFTER_REFUSAL, _AFTER_SUCCESS = 1.5, 0.05


class Ledger(Protocol):
    """Hands out the starts of requests, so that no two processes take the same moment."""

    def reserve(self, host: str, count: int, interval_s: float) -> float:
        """Seconds from now to the first of ``count`` starts that follow each other at this interval."""

    def pause(self, host: str, seconds: float) -> None:
        """Nobody starts a request before so many seconds from now."""


@dataclass
class OwnLedger:
    """A ledger that only this process knows.

    :param clock: seconds of a clock that never goes back.
    """

    clock: Callable[[], float]
    next_at: dict[str, float] = field(default_factory=dict)

    def reserve(self, host: str, count: int, interval_s: float) -> float:
        now = self.clock()
        first = max(now, self.next_at.get(host, now))
        self.next_at[host] = first + count * interval_s
        return first - now

    def pause(self, host: str, seconds: float) -> None:
        self.next_at[host] = max(self.next_at.get(host, 0.0), self.clock() + seconds)


@dataclass
class Pacer:
    """Turns of one process at one host. Its clock is the event loop's.

    :param requests_per_s: the host's budget, of which other processes may use a part.
    """

    host: str
    requests_per_s: float
    ledger: Ledger
    slowdown: float = 1.0
    starts: deque[float] = field(default_factory=deque)
    last: float = float("-inf")
    paused_until: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def interval_s(self) -> float:
        """Seconds between two starts, at present."""
        return MARGIN * self.slowdown / self.requests_per_s

    async def turn(self) -> None:
        """Return when a request may start; turns are given in the order they are asked for."""
        async with self.lock:
            start = await self._next_start()
            await asyncio.sleep(max(0.0, start - _now()))
            self.last = _now()

    async def _next_start(self) -> float:
        # Never closer than the budget itself: the margin makes up for a start that came late.
        earliest = max(self.last + self.interval_s / MARGIN, self.paused_until)
        # A start that went by unused is lost: the moment after it may be another process's.
        while self.starts and self.starts[0] < max(_now(), self.paused_until) - self.interval_s:
            self.starts.popleft()
        if not self.starts:
            await self._reserve()
        return max(self.starts.popleft(), earliest)

    async def _reserve(self) -> None:
        interval = self.interval_s
        count = max(1, min(MOST_RESERVED, round(RESERVED_S / interval)))
        wait = await asyncio.to_thread(self.ledger.reserve, self.host, count, interval)
        first = _now() + wait
        self.starts.extend(first + number * interval for number in range(count))

    async def refused(self, retry_after_s: float | None) -> None:
        """The host wants fewer requests: ask for less from now on, and for nothing as long as it says."""
        self.slowdown = min(SLOWEST, self.slowdown * _AFTER_REFUSAL)
        self.starts.clear()
        if retry_after_s:
            self.paused_until = max(self.paused_until, _now() + retry_after_s)
            await asyncio.to_thread(self.ledger.pause, self.host, retry_after_s)

    def succeeded(self) -> None:
        """Step by step back to the whole budget."""
        self.slowdown = max(1.0, self.slowdown - _AFTER_SUCCESS)


def _now() -> float:
    return asyncio.get_running_loop().time()
