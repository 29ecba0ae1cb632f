"""How much one client may ask: a token bucket per address, in the memory of this process."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from regendata.api.problems import problem

#: Clients that are remembered; the one that asked longest ago is forgotten first.
MOST_CLIENTS = 50_000
#: Who owns an IPv6 address owns the network it lies in.
IPV6_NETWORK = 64
#: Asked by watchdogs, of which there may be many behind one address.
FREE_PATHS = frozenset({"/health"})


@dataclass
class TokenBuckets:
    """A client may ask ``burst`` times at once, and ``per_second`` times in the long run."""

    per_second: float
    burst: int
    clock: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait_s(self, client: str) -> float:
        """Take a token; 0 when there was one, else seconds until there is."""
        now = self.clock()
        tokens, since = self._left.pop(client, (float(self.burst), now))
        tokens = min(self.burst, tokens + (now - since) * self.per_second)
        enough = tokens >= 1
        self._left[client] = (tokens - 1 if enough else tokens, now)
        if len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)
        return 0.0 if enough else (1 - tokens) / self.per_second


@dataclass
class RateLimit:
    """ASGI middleware: 429 with ``Retry-After`` for who asks too much.

    The client is the address of the connection. Behind a proxy the server has replaced it by the address
    that a trusted proxy forwarded, so nobody else can pretend to be another.
    """

    app: ASGIApp
    buckets: TokenBuckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait = 0.0
        if scope["type"] == "http" and scope["path"] not in FREE_PATHS:
            wait = self.buckets.wait_s(client_of(scope))
        if wait == 0:
            await self.app(scope, receive, send)
            return
        seconds = max(1, math.ceil(wait))
        told = f"Too many requests from your address; ask again in {seconds} s"
        await problem(scope["path"], 429, told, {"Retry-After": str(seconds)})(scope, receive, send)


def client_of(scope: Scope) -> str:
    """Who asks: an IPv4 address, or the network of an IPv6 address."""
    host = (scope.get("client") or ("unknown", 0))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))
