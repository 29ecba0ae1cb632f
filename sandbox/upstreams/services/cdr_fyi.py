"""cdr.fyi's API: four tables in pages asked for by header, a bearer token, limits per minute and hour.

Tables stand in `cdr_fyi.json`: {"tables": {name: [row, ...]}, "dollars_spent": "$1,234"}.
"""

from __future__ import annotations

import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.upstreams.service import Service, Site, is_empty

NAME = "cdr_fyi"
FILE = "cdr_fyi.json"
TABLES = ("marketplaces", "orders", "purchasers", "suppliers")
LARGEST_PAGE = 100
MESSAGES = {
    400: "Bad request",
    401: "Unauthorized: missing or invalid token",
    404: "Not found",
    429: "Too many requests",
}


@dataclass
class CdrFyi:
    """The endpoints, and when each was asked."""

    site: Site
    asked: deque[float] = field(default_factory=lambda: deque(maxlen=10_000))
    pages_served: int = 0

    def routes(self) -> list[Route]:
        return [Route("/v1/{table}", self.table)]

    async def table(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused is not None:
            return refused
        name = request.path_params["table"]
        rows = json.loads((self.site.folder / FILE).read_text(encoding="utf-8"))["tables"][name]
        rows = [] if is_empty(request) else self._moved(rows)
        self.pages_served += 1
        page = 1 if self._setting("ignores_page") else _whole(request, "x-page", 1)
        limit = min(_whole(request, "x-limit", 10), LARGEST_PAGE)
        envelope = "newMarketplace" if name == "marketplaces" else name
        return JSONResponse({envelope: rows[(page - 1) * limit : page * limit]})

    def _refused(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {self.site.secret(NAME)}":
            return error(401)
        if request.path_params["table"] not in TABLES:
            return error(404)
        now = time.monotonic()
        for count, seconds in ((self._setting("per_minute"), 60), (self._setting("per_hour"), 3600)):
            if sum(now - asked < seconds for asked in self.asked) >= count:
                return error(429)
        self.asked.append(now)
        return None

    def _moved(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows as they stand after so many pages: one of the first ones is taken out."""
        after = self._setting("row_leaves_after")
        if after is None:
            self.pages_served = 0
        if after is None or self.pages_served < after:
            return rows
        return rows[:5] + rows[6:]

    def _setting(self, name: str) -> Any:
        return self.site.board.setting(NAME, name)


def _whole(request: Request, header: str, usual: int) -> int:
    text = request.headers.get(header, "")
    return max(1, int(text)) if text.isdecimal() else usual


def error(status: int) -> Response:
    return JSONResponse({"message": MESSAGES.get(status, "Internal server error")}, status)


# row_leaves_after: pages served from now on until a row is removed; ignores_page: always the first page.
SETTINGS = {"per_minute": 100, "per_hour": 1000, "row_leaves_after": None, "ignores_page": False}
SERVICE = Service(NAME, lambda site: CdrFyi(site).routes(), error, SETTINGS)
