"""Relays of MEV-Boost, all on one port: `/<relay>/relay/v1/data/bidtraces/...`, each with a limit of its own.

Rows come from `mev_boost/` where a sandbox was given real files, else they are made up. `/_log` tells when
each relay was asked, and which requests were too many.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sandbox.upstreams.relay_rows import BIDS, GENESIS_MS, PAYLOADS, rows_of
from sandbox.upstreams.service import Service, Site, is_empty

NAME = "relays"
USUAL_PAGE = 200
PAGES = {"bloxroute_max_profit": 100, "bloxroute_regulated": 100}
#: Servers of another make say what is wrong in plain text; some hosts stand behind a network that has pages.
PLAIN_TEXT = {"titan"}
WEB_PAGES = {"bloxroute_max_profit", "bloxroute_regulated"}
#: Turns away HTTP libraries that do not say who asks.
PICKY = {"aestus"}
#: Over so many seconds a relay counts requests.
WINDOW_S = 2.0
TROUBLES = ("busy", "busy_page", "error", "page", "stall", "broken", "cut", "unordered", "welcome")
CDN = "<!doctype html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
FILTERS = ("slot", "block_hash", "block_number", "builder_pubkey")


@dataclass(frozen=True)
class Asked:
    """One request: when (seconds of the server's clock), to whom, and whether it was one too many."""

    at: float
    relay: str
    endpoint: str
    status: int
    too_many: bool


@dataclass
class Relays:
    """All relays, their limits and moods."""

    site: Site
    log: deque[Asked] = field(default_factory=lambda: deque(maxlen=200_000))
    recent: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    served: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(0))

    def routes(self) -> list[Route]:
        base = "/{relay}/relay/v1/data/bidtraces/"
        return [
            Route("/_log", self.show_log),
            Route(base + PAYLOADS, self.payloads),
            Route(base + BIDS, self.bids),
        ]

    async def show_log(self, _: Request) -> Response:
        return JSONResponse([asdict(one) for one in self.log])

    async def payloads(self, request: Request) -> Response:
        return await self._noted(request, PAYLOADS)

    async def bids(self, request: Request) -> Response:
        return await self._noted(request, BIDS)

    async def _noted(self, request: Request, endpoint: str) -> Response:
        relay, now = request.path_params["relay"], asyncio.get_running_loop().time()
        too_many = self._is_too_many(relay, now)
        if too_many:
            response = refused(relay, 429, "too many requests")
        else:
            trouble = await self._trouble(relay, now)
            response = _hurt(relay, trouble) or self._answer(request, relay, endpoint, trouble)
        self.log.append(Asked(now, relay, endpoint, response.status_code, too_many))
        return response

    def _is_too_many(self, relay: str, now: float) -> bool:
        limit = self._setting("per_second")
        recent = self.recent[relay]
        while recent and recent[0] <= now - WINDOW_S:
            recent.popleft()
        recent.append(now)
        allowed = limit.get(relay, limit.get("*")) if isinstance(limit, Mapping) else limit
        return allowed is not None and len(recent) > allowed * WINDOW_S

    async def _trouble(self, relay: str, now: float) -> str | None:
        """What goes wrong with this request, one of TROUBLES or `dead`."""
        begin, end = self._setting("dead").get(relay, (0, 0))
        if begin <= now < end:
            return "dead"
        await asyncio.sleep(float(self._setting("latency_s")))
        self.served += 1
        if self.dice.random() * 100 >= self._setting("unrest_pct"):
            return None
        trouble = self.dice.choice(TROUBLES)
        if trouble == "stall":
            await asyncio.sleep(float(self._setting("stall_s")))
        return trouble

    def _answer(self, request: Request, relay: str, endpoint: str, trouble: str | None) -> Response:
        query = dict(request.query_params)
        words = _wrong(relay, endpoint, query)
        if relay in PICKY and request.headers.get("user-agent", "python-").startswith("python-"):
            return refused(relay, 403, "forbidden")
        if words:
            return refused(relay, 400, words)
        rows = [] if is_empty(request) else self._rows(relay, endpoint, query)
        if trouble == "unordered":
            rows = rows[::-1]
        body = b"[" + b",".join(rows) + b"]"
        return BrokenOff(body) if trouble == "broken" else Response(body, media_type="application/json")

    def _rows(self, relay: str, endpoint: str, query: Mapping[str, str]) -> list[bytes]:
        rows, head = rows_of(self.site.folder, relay), self._head()
        if endpoint == BIDS:
            return rows.bids(int(query["slot"])) if int(query["slot"]) <= head else []
        limit = int(query.get("limit", USUAL_PAGE))
        if "slot" in query:
            slot = min(int(query["slot"]), head)
            return [row for row in rows.payloads(slot, limit) if f'"slot":"{query["slot"]}"'.encode() in row]
        return rows.payloads(min(int(query.get("cursor", head)), head), limit)

    def _head(self) -> int:
        """The newest slot that has rows; goes on with time, or with requests."""
        head = self._setting("head")
        if head is None:
            return (time.time_ns() // 1_000_000 - GENESIS_MS) // 12_000
        every = self._setting("head_moves_every")
        return int(head) + (self.served // int(every) if every else 0)

    def _setting(self, name: str) -> Any:
        return self.site.board.setting(NAME, name)


def _wrong(relay: str, endpoint: str, query: Mapping[str, str]) -> str | None:
    """What a relay says about a query it does not take."""
    numbers = [name for name in ("slot", "cursor", "limit") if name in query]
    invalid = next((name for name in numbers if not query[name].isdecimal()), None)
    if invalid:
        return f"invalid {invalid} argument"
    if endpoint == BIDS:
        if "cursor" in query:
            return "cursor argument not supported"
        if not any(name in query for name in FILTERS):
            return "need to query for specific slot or block_hash or block_number or builder_pubkey"
        return None
    if "slot" in query and "cursor" in query:
        return "cannot specify both slot and cursor"
    page = PAGES.get(relay, USUAL_PAGE)
    return f"maximum limit is {page}" if int(query.get("limit", page)) > page else None


def refused(relay: str, status: int, words: str) -> Response:
    """An error as this relay words it."""
    if relay in PLAIN_TEXT:
        return PlainTextResponse(words, status)
    if relay in WEB_PAGES and status != 400:
        return HTMLResponse(CDN.format(words), status)
    return JSONResponse({"code": status, "message": words}, status)


class BrokenOff(Response):
    """Announces a body and breaks off half way."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        # The server waits for the rest, sees none coming and ends the connection.
        await send({"type": "http.response.body", "body": half, "more_body": True})


def _hurt(relay: str, trouble: str | None) -> Response | None:
    """What stands in place of an answer; None where the answer itself is delivered, whole or not."""
    answers: dict[str | None, Response] = {
        "busy": refused(relay, 429, "slow down"),
        "busy_page": HTMLResponse(CDN.format("Error 1015: You are being rate limited"), 429),
        "dead": PlainTextResponse("upstream connect error", 503),
        "error": PlainTextResponse("pq: canceling statement due to statement timeout", 500),
        "page": HTMLResponse(CDN.format("502 Bad Gateway"), 502),
        "cut": Response(b'[{"slot":"8822', media_type="application/json"),
        "welcome": HTMLResponse(CDN.format("Welcome"), 200),
    }
    if trouble == "busy":
        answers["busy"].headers["Retry-After"] = "1"
    return answers.get(trouble)


def error(status: int) -> Response:
    return JSONResponse({"code": status, "message": "internal server error"}, status)


# per_second: requests each relay takes, a number or {relay: number, "*": number}
# dead: {relay: [from, until]} in seconds of the server's clock
# unrest_pct: percent of requests that go wrong in one way or another; stall_s: how long a slow one takes
# head: newest slot with rows (else by the clock), one more after every head_moves_every requests
SETTINGS: dict[str, Any] = {
    "per_second": None,
    "dead": {},
    "latency_s": 0,
    "unrest_pct": 0,
    "stall_s": 100,
    "head": None,
    "head_moves_every": 0,
}
SERVICE = Service(NAME, lambda site: Relays(site).routes(), error, SETTINGS)
