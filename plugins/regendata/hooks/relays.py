"""Relays of MEV-Boost: all of them at once, each within its budget, and every failure said in words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, TypeVar

import httpx

from regendata.exceptions import BadSourceAnswer, RelayTrouble
from regendata.sources.mev_boost.answers import Setback, refusal
from regendata.sources.mev_boost.budget import Ledger, Pacer
from regendata.sources.mev_boost.columns import read
from regendata.sources.mev_boost.pages import (
    BIDS_PATH,
    PAYLOADS_PATH,
    PayloadWalk,
    Proved,
    allowed_page,
    check_bids,
)
from regendata.sources.mev_boost.relays import Relay

if TYPE_CHECKING:
    import pyarrow as pa

ATTEMPTS = 5
#: After so many requests in a row that every attempt failed for, a relay is asked no more in this run.
GIVE_UP_AFTER = 4
#: Waits between attempts, doubled from the first to the longest.
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 8.0
#: A host that wants to be left alone for longer is asked again by a later attempt of the task.
MOST_RETRY_AFTER_S = 120.0
TIMEOUT = httpx.Timeout(connect=10, read=30, write=10, pool=None)
#: For an answer as a whole: a host that sends a byte now and then never times out otherwise.
LONGEST_ANSWER_S = 90.0

Found = TypeVar("Found")


@dataclass
class RelayClient:
    """One relay, asked through an open HTTP client.

    :param url: base URL, without a slash at its end.
    """

    relay: Relay
    url: str
    http: httpx.AsyncClient
    pacer: Pacer
    failures_in_a_row: int = 0
    last_words: str = ""
    page: int = field(init=False)
    connections: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self.page = self.relay.payload_page
        self.connections = asyncio.Semaphore(self.relay.connections)

    async def bids(self, slot: int) -> pa.RecordBatch:
        """All bids of a slot.

        :raises RelayTrouble: no whole answer; the message is the last of its reasons.
        """

        def whole(body: bytes) -> pa.RecordBatch:
            rows = read("bids", body)
            check_bids(rows, slot, self.relay.bids_cap)
            return rows

        return await self.ask(BIDS_PATH, {"slot": str(slot)}, whole)

    async def payloads(self, begin: int, end: int) -> AsyncIterator[Proved]:
        """All payloads of the slots in ``[begin, end)``, newest first, a page at a time.

        :raises RelayTrouble: no whole answer; the pages before it hold.
        """
        walk = PayloadWalk(begin, end, self.page)
        while not walk.done:
            try:
                yield await self.ask(
                    PAYLOADS_PATH, walk.query, lambda body: walk.take(read("payloads", body))
                )
            except RelayTrouble as error:
                allowed = allowed_page(str(error))
                if allowed is None or allowed >= walk.page:
                    raise
                self.page = walk.page = allowed
                self._succeeded()

    async def ask(self, path: str, query: Mapping[str, str], read: Callable[[bytes], Found]) -> Found:
        """An answer that ``read`` takes, after as many attempts as it needs.

        :param read: raises BadSourceAnswer for a body that is not what was asked for.
        :raises RelayTrouble: naming the last reason.
        """
        if self.failures_in_a_row >= GIVE_UP_AFTER:
            raise RelayTrouble(f"not asked any more after failures in a row, the last: {self.last_words}")
        for attempt in range(ATTEMPTS):
            outcome = await self._attempt(path, query, read)
            if not isinstance(outcome, Setback):
                self._succeeded()
                return outcome
            self.last_words = outcome.words
            if outcome.final or not await self._recovered(outcome, attempt):
                break
        self.failures_in_a_row += 1
        raise RelayTrouble(self.last_words)

    async def _attempt(
        self, path: str, query: Mapping[str, str], read: Callable[[bytes], Found]
    ) -> Found | Setback:
        try:
            response = await self._get(path, query)
            if response.status_code == 200:
                return read(response.content)
        except asyncio.TimeoutError:
            return Setback(f"no whole answer after {LONGEST_ANSWER_S:.0f} s", slow_down=True)
        except httpx.TimeoutException as error:
            return Setback(type(error).__name__, slow_down=True)
        except httpx.HTTPError as error:
            return Setback(f"{type(error).__name__}: {error}")
        except BadSourceAnswer as error:
            return Setback(str(error))
        now = datetime.now(timezone.utc)
        return refusal(response.status_code, response.headers, response.content, now)

    async def _get(self, path: str, query: Mapping[str, str]) -> httpx.Response:
        async with self.connections:
            await self.pacer.turn()
            sending = self.http.get(
                self.url + path, params=dict(query), headers={"User-Agent": self.relay.user_agent}
            )
            return await asyncio.wait_for(sending, LONGEST_ANSWER_S)

    async def _recovered(self, setback: Setback, attempt: int) -> bool:
        """Wait before the next attempt; False where the relay is asked no more, or not so soon."""
        if setback.slow_down:
            await self.pacer.refused(setback.retry_after_s)
        if (setback.retry_after_s or 0) > MOST_RETRY_AFTER_S:
            self.failures_in_a_row = GIVE_UP_AFTER
        elif attempt + 1 < ATTEMPTS:
            await asyncio.sleep(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**attempt))
        return self.failures_in_a_row < GIVE_UP_AFTER

    def _succeeded(self) -> None:
        self.failures_in_a_row = 0
        self.pacer.succeeded()


@asynccontextmanager
async def open_relays(
    relays: Iterable[Relay],
    ledger: Ledger,
    url_of: Callable[[Relay], str] = lambda relay: relay.base_url,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[dict[str, RelayClient]]:
    """Clients by name of the relay, which share one HTTP client.

    :param ledger: where the starts of requests are agreed on.
    :param url_of: where a relay is reached.
    :param transport: carries requests in place of the network.
    """
    # A line per request would bury the task's own words.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=limits, transport=transport) as http:
        yield {
            relay.name: RelayClient(
                relay, url_of(relay), http, Pacer(relay.host, relay.requests_per_s, ledger)
            )
            for relay in relays
        }
