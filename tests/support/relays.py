"""Stand-in relays inside the test's process, on the clock of its event loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from regendata.coverage.intervals import Intervals
from regendata.hooks.relays import open_relays
from regendata.landing.relays.fetch import Tally, fetch
from regendata.sources.mev_boost.budget import Ledger, OwnLedger
from regendata.sources.mev_boost.plan import Target
from regendata.sources.mev_boost.relays import Relay
from regendata.sources.mev_boost.rows import FetchedHour, Row, decode
from sandbox.upstreams.relay_rows import MadeUpRows, rows_of
from sandbox.upstreams.service import Site
from sandbox.upstreams.services import relays as service
from sandbox.upstreams.services.relays import WINDOW_S, Relays
from sandbox.upstreams.trouble import Board
from tests.support import mev_rows
from tests.support.mev_rows import identity


class _Wire(httpx.AsyncBaseTransport):
    """Carries requests to an ASGI application; an answer that ends too early is a connection that broke."""

    def __init__(self, app: Starlette) -> None:
        self._app = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._app.handle_async_request(request)
        except AssertionError as error:
            raise httpx.RemoteProtocolError("peer closed connection", request=request) from error


@dataclass
class RelayWorld:
    """Relays with settings that a test changes, and what came of fetching from them."""

    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        board = Board(defaults={service.NAME: service.SETTINGS})
        board.settings[service.NAME] = self.settings
        self.stand_in = Relays(Site(self.folder, str, board, analyst_url=str))
        self.wire = _Wire(Starlette(routes=self.stand_in.routes()))

    def open(self, relays: Sequence[Relay], ledger: Ledger) -> Any:
        return open_relays(relays, ledger, lambda relay: f"http://relays/{relay.name}", self.wire)

    async def fetch(
        self, relays: Sequence[Relay], gaps: dict[Target, Intervals], sink: Any, ledger: Ledger | None = None
    ) -> dict[Target, Tally]:
        import asyncio

        ledger = ledger or OwnLedger(asyncio.get_running_loop().time)
        async with self.open(relays, ledger) as clients:
            return await fetch(gaps, clients, sink)

    def too_many(self) -> int:
        """Requests over a relay's budget."""
        return sum(one.too_many for one in self.stand_in.log)

    def rate(self, relay: str) -> float:
        """Requests per second between a relay's first and last."""
        times = [one.at for one in self.stand_in.log if one.relay == relay]
        return (len(times) - 1) / (times[-1] - times[0])

    def busiest_window(self, relay: str) -> int:
        """Most requests within the span over which a relay counts."""
        times = [one.at for one in self.stand_in.log if one.relay == relay]
        return max(
            sum(at <= other < at + WINDOW_S for other in times[number:]) for number, at in enumerate(times)
        )


def truth(target: Target, slots: Intervals, folder: Path | None = None) -> list[Row]:
    """What the stand-in has, found without any fetching: made-up rows, or those of the files in a folder."""
    rows = rows_of(folder, target[0]) if folder else MadeUpRows(target[0])
    if target[1] == "bids":
        return [row for slot in slots.values() for row in decode("bids", _list(rows.bids(slot)))]
    begin, end = slots.span
    found = decode("payloads", _list(rows.payloads(end - 1, end - begin)))
    return [row for row in found if row.slot in slots]


def _list(rows: list[bytes]) -> bytes:
    return b"[" + b",".join(rows) + b"]"


@dataclass
class Memory:
    """A sink that remembers; a later answer about a slot takes the place of an earlier one."""

    covered: dict[Target, Intervals] = field(default_factory=dict)
    failed: dict[Target, Intervals] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    rows: dict[Target, dict[Any, Row]] = field(default_factory=dict)
    repeats: int = 0
    largest: int = 0

    def store(self, hours: Sequence[FetchedHour]) -> None:
        for hour in hours:
            target: Target = (hour.relay, hour.endpoint)
            slots, none = Intervals.from_pairs(hour.covered), Intervals.empty()
            rows = mev_rows.rows_of(hour.endpoint, hour.rows)
            if Intervals.from_values(row.slot for row in rows) - slots:
                raise ValueError(f"rows outside of what is covered: {hour}")
            kept = self.rows.setdefault(target, {})
            self.repeats += sum(identity(row) in kept for row in rows)
            kept.update((identity(row), row) for row in rows)
            self.covered[target] = self.covered.get(target, none) | slots
            self.failed[target] = self.failed.get(target, none) - slots
            self.largest = max(self.largest, len(rows))

    def unknown(self, target: Target, slots: Intervals, error: str) -> None:
        self.failed[target] = self.failed.get(target, Intervals.empty()) | slots
        self.errors.append(error)
