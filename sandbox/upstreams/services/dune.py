"""Dune's API v1 as dune-client calls it: results by query or execution, paging, executions, CSV.

A query exists when `dune_<query id>.json` does: {"rows": [...], "execution_ended_at": ISO 8601 or absent}.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.upstreams.dune_results import Page, QueryResult, load, stored_queries
from sandbox.upstreams.service import Service, Site, is_empty

NAME = "dune"
COMPLETED = "QUERY_STATE_COMPLETED"
PARTIAL = "QUERY_STATE_COMPLETED_PARTIAL"
FAILED = "QUERY_STATE_FAILED"
MAX_ROWS = 32_000
WITH_RESULT = {COMPLETED, PARTIAL}
UNFINISHED = {"QUERY_STATE_PENDING", "QUERY_STATE_EXECUTING"}
NOT_OFFERED = {"filters", "sort_by", "sample_count"}
PENDING_TIME = timedelta(seconds=0.5)
EXECUTION_TIME = timedelta(seconds=1)
KEEP = timedelta(days=90)

Endpoint = Callable[[Request], Awaitable[Response]]
Form = Callable[[Request, "Execution", Page], Response]

ERRORS = {
    400: "invalid request",
    401: "invalid API Key",
    402: "This API request would exceed your configured datapoint limit per billing cycle",
    403: "not allowed",
    404: "not found: Query not found or private",
    429: "too many requests",
    500: "internal error",
}
"""Texts of Dune's error answers; other statuses say `internal error`."""


@dataclass(frozen=True)
class Execution:
    """One run of a query; `asked_at` is None for the run that was there when the server started."""

    id: str
    query_id: int
    asked_at: datetime | None = None

    def progress(self) -> str:
        """State by the time that passed since it was asked for."""
        if self.asked_at is None or _now() - self.asked_at >= EXECUTION_TIME:
            return COMPLETED
        early = _now() - self.asked_at < PENDING_TIME
        return "QUERY_STATE_PENDING" if early else "QUERY_STATE_EXECUTING"


def execution_id(query_id: int, number: int) -> str:
    """In the form of Dune's own ids: a ULID, 26 characters."""
    return f"01J{query_id:015d}{number:08d}"


@dataclass
class Dune:
    """The endpoints, and the executions asked for since the server started, oldest first."""

    site: Site
    asked: list[Execution] = field(default_factory=list)

    def routes(self) -> list[Route]:
        table: list[tuple[str, Endpoint, str]] = [
            ("/api/v1/query/{query:int}/results", self.query_results, "GET"),
            ("/api/v1/query/{query:int}/results/csv", self.query_csv, "GET"),
            ("/api/v1/query/{query:int}/execute", self.execute, "POST"),
            ("/api/v1/execution/{execution}/status", self.status, "GET"),
            ("/api/v1/execution/{execution}/results", self.execution_results, "GET"),
            ("/api/v1/execution/{execution}/results/csv", self.execution_csv, "GET"),
        ]
        return [Route(path, self._checked(answer), methods=[method]) for path, answer, method in table]

    async def query_results(self, request: Request) -> Response:
        return self._answer(request, self._latest(request.path_params["query"]), self._json)

    async def query_csv(self, request: Request) -> Response:
        return self._answer(request, self._latest(request.path_params["query"]), self._csv)

    async def execution_results(self, request: Request) -> Response:
        return self._answer(request, self._find(request.path_params["execution"]), self._json)

    async def execution_csv(self, request: Request) -> Response:
        return self._answer(request, self._find(request.path_params["execution"]), self._csv)

    async def execute(self, request: Request) -> Response:
        query_id = request.path_params["query"]
        if query_id not in stored_queries(self.site.folder):
            return error(404)
        run = Execution(execution_id(query_id, len(self.asked) + 1), query_id, _now())
        self.asked.append(run)
        return JSONResponse({"execution_id": run.id, "state": run.progress()})

    async def status(self, request: Request) -> Response:
        run = self._find(request.path_params["execution"])
        if run is None:
            return error(404)
        page = self._page(request, run)
        finished = page is not None and self._state(run) in WITH_RESULT
        extra = {"result_metadata": page.metadata()} if page and finished else {}
        return JSONResponse({**self._head(run), **extra})

    def _checked(self, answer: Endpoint) -> Endpoint:
        """The endpoint behind Dune's check of the API key."""

        async def check(request: Request) -> Response:
            key = request.headers.get("x-dune-api-key", "")
            if not hmac.compare_digest(key.encode(), self.site.secret(NAME).encode()):
                return error(401)
            return await answer(request)

        return check

    def _latest(self, query_id: int) -> Execution | None:
        """The last completed run of a query; None if there is no such query."""
        if query_id not in stored_queries(self.site.folder):
            return None
        done = [run for run in self.asked if run.query_id == query_id and run.progress() == COMPLETED]
        return done[-1] if done else Execution(execution_id(query_id, 0), query_id)

    def _find(self, wanted: str) -> Execution | None:
        first = [Execution(execution_id(query, 0), query) for query in stored_queries(self.site.folder)]
        return next((run for run in (*first, *self.asked) if run.id == wanted), None)

    def _answer(self, request: Request, run: Execution | None, form: Form) -> Response:
        if run is None:
            return error(404)
        if set(request.query_params) & NOT_OFFERED:
            return error(400)
        try:
            page = self._page(request, run)
        except ValueError:
            return error(400)
        partial_wanted = request.query_params.get("allow_partial_results") == "true"
        state = self._state(run)
        if page is None or state not in WITH_RESULT or (state == PARTIAL and not partial_wanted):
            return JSONResponse(self._head(run))
        return form(request, run, page)

    def _page(self, request: Request, run: Execution) -> Page | None:
        """The rows asked for, less what trouble takes away; ValueError on bad paging."""
        result = load(self.site.folder, run.query_id)
        if result is None:
            return None
        columns = [name for name in request.query_params.get("columns", "").split(",") if name]
        limit = min(_count(request, "limit", MAX_ROWS) or MAX_ROWS, MAX_ROWS)
        kept = 0 if is_empty(request) else len(result.rows)
        served = result.rows[: max(0, kept - int(self._setting("missing_rows")))]
        return Page(
            QueryResult(served, result.ended_at),
            _count(request, "offset", 0),
            limit,
            columns or result.columns,
            kept,
        )

    def _json(self, request: Request, run: Execution, page: Page) -> Response:
        body = {**self._head(run), "result": {"rows": page.rows, "metadata": page.metadata()}}
        if page.next_offset is not None:
            body |= {"next_uri": _next_uri(request, page), "next_offset": page.next_offset}
        return JSONResponse(body)

    def _csv(self, request: Request, run: Execution, page: Page) -> Response:
        headers = {}
        if page.next_offset is not None:
            headers = {
                "x-dune-next-uri": _next_uri(request, page),
                "x-dune-next-offset": str(page.next_offset),
            }
        return Response(page.csv(), media_type="text/csv", headers=headers)

    def _head(self, run: Execution) -> dict[str, Any]:
        """The fields every answer about an execution has."""
        state = self._state(run)
        ended = self._ended_at(run)
        body = {
            "execution_id": run.id,
            "query_id": run.query_id,
            "is_execution_finished": state not in UNFINISHED,
            "state": state,
            "submitted_at": _text(ended - EXECUTION_TIME),
        }
        if state not in UNFINISHED:
            body |= {
                "execution_started_at": _text(ended - EXECUTION_TIME + PENDING_TIME),
                "execution_ended_at": _text(ended),
                "expires_at": _text(ended + KEEP),
            }
        if state == FAILED:
            body["error"] = {"type": "FAILED_TYPE_EXECUTION_FAILED", "message": "Error: query timed out"}
        return body

    def _state(self, run: Execution) -> str:
        return str(self._setting("state")) if run.progress() == COMPLETED else run.progress()

    def _ended_at(self, run: Execution) -> datetime:
        """When the run ended: as trouble says, when it was asked for, as the file says, or an hour ago."""
        age = self._setting("age_hours")
        if age is not None:
            return _now() - timedelta(hours=float(age))
        if run.asked_at is not None:
            return run.asked_at + EXECUTION_TIME
        result = load(self.site.folder, run.query_id)
        return (result and result.ended_at) or _now() - timedelta(hours=1)

    def _setting(self, name: str) -> Any:
        return self.site.board.setting(NAME, name)


def _count(request: Request, name: str, default: int) -> int:
    """A query parameter that counts rows; ValueError unless it is a whole number of at least 0."""
    value = int(request.query_params.get(name, default))
    if value < 0:
        raise ValueError(f"{name} is negative")
    return value


def _next_uri(request: Request, page: Page) -> str:
    """On the scheme, host and port of the request: dune-client refuses any other."""
    return str(request.url.include_query_params(offset=page.next_offset, limit=page.limit))


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _text(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def error(status: int) -> Response:
    return JSONResponse({"error": ERRORS.get(status, ERRORS[500])}, status)


# missing_rows: how many of the last rows are not served, although total_row_count counts them.
SETTINGS = {"state": COMPLETED, "age_hours": None, "missing_rows": 0}
SERVICE = Service(NAME, lambda site: Dune(site).routes(), error, SETTINGS)
