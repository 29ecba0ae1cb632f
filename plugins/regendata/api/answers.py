"""Answers from what is published: each is made once per publication, and told apart by it.

The tag of the publication is part of every ETag, so a client that has an answer already is told so without a
query, and a new publication makes all kept answers stale at once.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from fastapi import Header, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from regendata.api.sessions import Sessions
from regendata.exceptions import SourceUnavailable
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import data_sets
from regendata.hooks.warehouse.data_sets import Shown
from regendata.settings import Settings

log = logging.getLogger(__name__)

#: Raise it when the shape of answers changes: clients then take them anew.
SHAPE = 1
SYSTEM = "grants"
#: For how long the publication in use is remembered.
FRESH_S = 2.0
#: For how long a client may use an answer without asking.
MAX_AGE_S = 60

Format = Annotated[
    Literal["json", "csv"], Query(alias="format", description="json, or csv of the rows alone")
]
Known = Annotated[str | None, Header(alias="If-None-Match", include_in_schema=False)]
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Found:
    """Rows of an answer, and facts beside them."""

    rows: Rows
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One question: what makes it different from others, and how it is answered.

    :param key: all parameters that decide the answer; nothing a client can make up besides.
    """

    key: Hashable
    form: str
    known: str | None
    find: Callable[[PgConnection], Found]


@dataclass
class PublishedAnswers:
    """All answers of one process. Used by the event loop alone; only queries go to threads."""

    sessions: Sessions
    most_bytes: int
    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[Hashable, bytes] = field(default_factory=OrderedDict)
    _kept_bytes: int = 0
    _making: dict[str, asyncio.Future[bytes]] = field(default_factory=dict)
    _shown: Shown | None = None
    _looked_at: float = field(default=float("-inf"))

    async def answer(self, asked: Asked) -> Response:
        """The answer, kept or new; 304 where the client has it.

        :raises SourceUnavailable: nothing is published, or it cannot be read now.
        """
        shown = await self._current()
        tag = etag(shown, asked)
        headers = headers_of(shown, tag)
        if asked.known and tag in {one.strip().removeprefix("W/") for one in asked.known.split(",")}:
            return Response(status_code=304, headers=headers)
        body = self._kept.get(tag)
        if body is None:
            body = await self._made_once(tag, asked, shown)
            self._keep(tag, body)
        else:
            self._kept.move_to_end(tag)
        media_type = "text/csv; charset=utf-8" if asked.form == "csv" else "application/json"
        return Response(body, media_type=media_type, headers=headers)

    async def _made_once(self, tag: str, asked: Asked, shown: Shown) -> bytes:
        """Whoever asks the same meanwhile waits for the one query."""
        making = self._making.get(tag)
        if making is None:
            making = asyncio.ensure_future(run_in_threadpool(self._make, asked, shown))
            self._making[tag] = making
            making.add_done_callback(lambda _: self._making.pop(tag, None))
        # A client that goes away takes nothing from the others.
        return await asyncio.shield(making)

    async def _current(self) -> Shown:
        """What was known at the last look, which one request takes now and then while others go on."""
        known = self._shown
        if known is not None and self.clock() - self._looked_at < FRESH_S:
            return known
        self._looked_at = self.clock()
        try:
            shown = await run_in_threadpool(self._look)
        except SourceUnavailable as error:
            if known is None:
                raise
            log.warning("kept answers go on: %s", error)
            return known
        if known is None or shown.tag != known.tag:
            self._kept.clear()
            self._kept_bytes = 0
        self._shown = shown
        return shown

    def _look(self) -> Shown:
        with self.sessions.session() as conn:
            shown = data_sets.shown(conn, SYSTEM)
        if shown is None:
            raise SourceUnavailable(f"{SYSTEM}: nothing is published yet")
        return shown

    def _make(self, asked: Asked, shown: Shown) -> bytes:
        with self.sessions.session() as conn:
            found = asked.find(conn)
        if asked.form == "csv":
            return as_csv(found.rows)
        facts = {"as_of": shown.as_of, "published_at": shown.published_at, **found.facts}
        return as_json({**facts, "rows": found.rows})

    def _keep(self, tag: str, body: bytes) -> None:
        self._kept_bytes += len(body) - len(self._kept.pop(tag, b""))
        self._kept[tag] = body
        while self._kept_bytes > self.most_bytes:
            self._kept_bytes -= len(self._kept.popitem(last=False)[1])


def documented(row: Mapping[str, Any], **facts: Any) -> dict[int | str, dict[str, Any]]:
    """What the description of a route shows: an answer of one row, and what else may come."""
    times = {"as_of": "2026-03-01T04:00:00Z", "published_at": "2026-03-01T04:02:11Z"}
    headers = {
        "ETag": {"description": "Send it as If-None-Match", "schema": {"type": "string"}},
        "X-Data-As-Of": {"description": "Time of the sources", "schema": {"type": "string"}},
    }
    content = {
        "application/json": {"example": {**times, **facts, "rows": [row]}},
        "text/csv": {"example": as_csv([row]).decode()},
    }
    problems: dict[int | str, dict[str, Any]] = {
        status: {"description": told, "content": {"application/problem+json": {}}}
        for status, told in (
            (400, "A parameter is wrong; `detail` names it"),
            (429, "Too many requests; see Retry-After"),
            (503, "The data cannot be read at the moment; see Retry-After"),
        )
    }
    return {
        200: {"description": "Rows with facts beside them", "content": content, "headers": headers},
        304: {"description": "The client has this answer already"},
        **problems,
    }


def answers_of(request: Request) -> PublishedAnswers:
    """Those of the application, made at the first request."""
    state = request.app.state
    if not hasattr(state, "published_answers"):
        settings: Settings = state.settings
        sessions = Sessions(settings.public_api_sessions, settings.public_api_statement_ms)
        state.published_answers = PublishedAnswers(sessions, settings.public_api_kept_mb << 20)
    answers: PublishedAnswers = state.published_answers
    return answers


def etag(shown: Shown, asked: Asked) -> str:
    """A strong validator: publication, shape of answers and question."""
    question = hashlib.sha256(repr((SHAPE, asked.key, asked.form)).encode()).hexdigest()
    return f'"{shown.tag}-{question[:24]}"'


def headers_of(shown: Shown, tag: str) -> dict[str, str]:
    """What caches and people want to know of an answer."""
    return {
        "ETag": tag,
        "Cache-Control": f"public, max-age={MAX_AGE_S}",
        "X-Data-As-Of": _utc(shown.as_of),
        "X-Data-Published-At": _utc(shown.published_at),
        "Access-Control-Expose-Headers": "ETag, X-Data-As-Of, X-Data-Published-At",
    }


def as_json(content: Mapping[str, Any]) -> bytes:
    """Compact JSON in UTF-8; times in ISO 8601, in UTC."""
    encoded = jsonable_encoder(content, custom_encoder={datetime: _utc})
    return json.dumps(encoded, ensure_ascii=False, allow_nan=False).encode()


def as_csv(rows: Rows) -> bytes:
    """RFC 4180 with a header; without rows there is nothing, not even a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if rows:
        writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """A text that a spreadsheet would run as a formula is told to be a text."""
    if isinstance(value, datetime):
        return _utc(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value


def _utc(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
