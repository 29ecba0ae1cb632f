"""Metabase as programs use it: sessions and API keys, cards, users, schema sync.

A card is SQL on the warehouse, run as the role Metabase has there, unless the setting `cards` says what it
answers. Users stand in `metabase_users.json`, syncs in `metabase_syncs.json`.
"""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import psycopg
from psycopg.rows import dict_row
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.upstreams.kept import Kept, Row
from sandbox.upstreams.service import Service, Site, is_empty

NAME = "metabase"
ADMIN = "admin@regendata.example"
USERS, SYNCS = "metabase_users.json", "metabase_syncs.json"
PAGE = 50
#: As an analyst wrote them; nobody has to write them like the warehouse's own.
CARDS = {
    196: "SELECT SUM(gmv)::float8 AS allo_gmv FROM experimental_views.allo_gmv_leaderboard_events "
    "WHERE role = 'grantee'",
    328: "WITH d AS (SELECT * FROM public.all_donations), m AS (SELECT * FROM public.all_matching) "
    "SELECT (SELECT SUM(amount_in_usd::float8) FROM d) AS crowdfunded_usd, "
    "(SELECT SUM(match_amount_in_usd::float8) FROM m) AS matching_usd, "
    "(SELECT COUNT(*) FROM d) AS donations, "
    "(SELECT COUNT(DISTINCT LOWER(donor_address)) FROM d) AS donors",
}
Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass
class Metabase:
    """The endpoints, and the sessions given out since the server started."""

    site: Site
    sessions: set[str] = field(default_factory=set)

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Endpoint]] = [
            ("POST", "/api/card/{card:int}/query/json", self.card),
            ("POST", "/api/user", self.invite),
            ("GET", "/api/user", self.users),
            ("POST", "/api/database/{database:int}/sync_schema", self.sync),
        ]
        return [
            Route("/api/health", self.health, methods=["GET"]),
            Route("/api/session", self.log_in, methods=["POST"]),
            *(Route(path, self._known(answer), methods=[method]) for method, path, answer in table),
        ]

    async def health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def log_in(self, request: Request) -> Response:
        given = await request.json()
        if given.get("username") != ADMIN or not self._is_secret(given.get("password", "")):
            return JSONResponse({"errors": {"password": "did not match stored password"}}, 401)
        session = str(uuid.uuid4())
        self.sessions.add(session)
        return JSONResponse({"id": session})

    async def card(self, request: Request) -> Response:
        number = request.path_params["card"]
        ordered = self._setting("cards").get(str(number))
        if ordered is None and number not in CARDS:
            return error(404)
        if self._setting("query_fails"):
            return _failed("42501", "ERROR: permission denied for schema public\n  Position: 912")
        if is_empty(request):
            return JSONResponse([], 202)
        if ordered is not None:
            return JSONResponse(ordered, 202)
        try:
            return JSONResponse(await run_in_threadpool(self._query, CARDS[number]), 202)
        except psycopg.Error as wrong:
            return _failed(wrong.sqlstate or "08006", f"ERROR: {str(wrong).splitlines()[0]}")

    async def invite(self, request: Request) -> Response:
        given = await request.json()
        email = str(given.get("email", "")).lower()
        if "@" not in email:
            return JSONResponse({"errors": {"email": "value must be a valid email address."}}, 400)
        kept = Kept(self.site.folder / USERS)
        if any(user["email"] == email for user in kept.rows()):
            return JSONResponse({"errors": {"email": "Email address already in use."}}, 400)
        return JSONResponse(kept.add(_user(len(kept.rows()) + 2, email, given)))

    async def users(self, request: Request) -> Response:
        asked = request.query_params
        rows = [] if is_empty(request) else Kept(self.site.folder / USERS).rows()
        if asked.get("status") != "all":
            rows = [user for user in rows if user["is_active"]]
        limit, offset = int(asked.get("limit", PAGE)), int(asked.get("offset", 0))
        page = rows[offset : offset + limit]
        return JSONResponse({"data": page, "total": len(rows), "limit": limit, "offset": offset})

    async def sync(self, request: Request) -> Response:
        asked = {"database": request.path_params["database"], "at": _now()}
        Kept(self.site.folder / SYNCS).add(asked)
        return JSONResponse({"status": "ok"})

    def _known(self, answer: Endpoint) -> Endpoint:
        """The endpoint for whoever has a session or an API key."""

        async def check(request: Request) -> Response:
            has_session = request.headers.get("x-metabase-session") in self.sessions
            if not has_session and not self._is_secret(request.headers.get("x-api-key", "")):
                return Response("Unauthenticated", 401, media_type="text/plain")
            return await answer(request)

        return check

    def _is_secret(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.site.secret(NAME).encode())

    def _query(self, statement: str) -> list[Row]:
        with psycopg.connect(self.site.analyst_url(), row_factory=dict_row, connect_timeout=5) as connection:
            connection.read_only = True
            return connection.execute(statement.encode()).fetchall()

    def _setting(self, name: str) -> Any:
        return self.site.board.setting(NAME, name)


def _user(number: int, email: str, given: Row) -> Row:
    names = {"first_name": given.get("first_name"), "last_name": given.get("last_name")}
    common = " ".join(filter(None, names.values())) or email
    flags = {"is_active": True, "is_superuser": False, "is_qbnewb": True}
    times = {"date_joined": _now(), "last_login": None}
    return {"id": number, "email": email, **names, "common_name": common, **flags, **times}


def _failed(state: str, message: str) -> Response:
    """Metabase's answer about a query that failed: an object, and no HTTP error."""
    body = {
        "database_id": 2,
        "status": "failed",
        "class": "class org.postgresql.util.PSQLException",
        "error": message,
        "error_type": "invalid-query",
        "state": state,
        "json_query": {"type": "native", "database": 2},
        "row_count": 0,
        "running_time": 0,
        "data": {"rows": [], "cols": []},
    }
    return Response(json.dumps(body), 202, media_type="application/json")


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def error(status: int) -> Response:
    words = {404: "Not found.", 429: "Too many attempts!", 503: "Metabase is starting"}
    return Response(words.get(status, "Something went wrong"), status, media_type="text/plain")


# cards: what a card answers, by its number as text; query_fails: each card answers with a failed query.
SERVICE = Service(NAME, lambda site: Metabase(site).routes(), error, {"cards": {}, "query_fails": False})
