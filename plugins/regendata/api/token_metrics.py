"""Token metrics for everybody: rankings, one symbol's series, and what a figure was made from."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import psycopg
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from regendata import paths
from regendata.exceptions import SourceUnavailable
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.warehouse import token_figures
from regendata.sources.token_metrics.figures import FIGURES
from regendata.sources.token_metrics.hours import HOUR

#: A role that may only read.
CONN_ID = "public_api_db"
PAGE = "/token-metrics/page"

router = APIRouter(prefix="/token-metrics", tags=["Token metrics"])
Format = Literal["json", "csv"]


def reader() -> Iterator[PgConnection]:
    """A session of its own for each request.

    :raises SourceUnavailable: the database breaks off, or nothing was published in it yet.
    """
    with connect(CONN_ID) as conn:
        try:
            # psycopg's `read_only` speaks of transactions that it begins; in autocommit it begins none.
            conn.execute("SET default_transaction_read_only = on")
            yield conn
        except psycopg.Error as error:
            raise SourceUnavailable(f"{CONN_ID}: {type(error).__name__}") from error


Reader = Annotated[PgConnection, Depends(reader)]
Known = Annotated[str | None, Header(alias="If-None-Match")]


@router.get("/top/{name}")
def top(
    name: Literal["trending", "volatile", "decreasing", "descreasing"],
    conn: Reader,
    known: Known = None,
    with_sparklines: Annotated[bool, Query(alias="sparklines")] = False,
    form: Annotated[Format, Query(alias="format")] = "json",
) -> Response:
    """Ten symbols of the newest hour that has arrived, the first one first, with price and coverage."""
    rows = token_figures.ranking(conn, name)
    if rows and with_sparklines:
        lines = token_figures.sparklines(conn, [row["symbol"] for row in rows], rows[0]["timestamp"])
        rows = [row | {"sparkline": lines[row["symbol"]]} for row in rows]
    return _answer(rows, {"name": name, "as_of": _as_of(rows)}, form, known)


@router.get("/series")
def series(
    symbol: Annotated[str, Query(max_length=500, examples=["BTC"])],
    conn: Reader,
    hours: Annotated[int, Query(ge=1, le=token_figures.LONGEST_SERIES_HOURS)] = 168,
    until: Annotated[int | None, Query(description="Seconds since 1970; now unless given")] = None,
    known: Known = None,
    form: Annotated[Format, Query(alias="format")] = "json",
) -> Response:
    """The last hours of one symbol: every metric, the known hours of each window, and whether it is final."""
    end = int(time.time()) if until is None else until
    rows = token_figures.series(conn, symbol, end - hours * HOUR, end)
    if not rows:
        raise HTTPException(404, "No hour of this symbol is known in that time")
    return _answer(rows, {"symbol": symbol, "as_of": rows[-1]["timestamp"]}, form, known)


@router.get("/explain")
def explain(
    symbol: Annotated[str, Query(max_length=500, examples=["BTC"])],
    timestamp: Annotated[int, Query(ge=0, lt=2**31, description="The hour, in seconds since 1970")],
    figure: Annotated[str, Query(examples=["sma1_dif"])],
    conn: Reader,
) -> Response:
    """The rows behind a figure, with the rule that put each under the symbol, windows and formula."""
    if figure not in FIGURES:
        raise HTTPException(400, f"No figure of this name; known: {', '.join(FIGURES)}")
    found = token_figures.explain(conn, symbol, timestamp // HOUR * HOUR, figure)
    if found is None:
        raise HTTPException(404, "No metrics of this symbol and hour")
    return Response(_json(found), media_type="application/json")


def mount_pages(app: FastAPI) -> None:
    """The page with rankings and sparklines; behind the routes, which come first."""
    app.mount(PAGE, StaticFiles(directory=paths.PAGES / "token_metrics", html=True), name="token_metrics")


def _as_of(rows: Sequence[Mapping[str, Any]]) -> int | None:
    return rows[0]["timestamp"] if rows else None


def _answer(
    rows: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], form: Format, known: str | None
) -> Response:
    """Rows as JSON or CSV; 304 without them where the asker has them already."""
    body = _csv(rows) if form == "csv" else _json({**facts, "rows": rows})
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=60"}
    if known == tag:
        return Response(status_code=304, headers=headers)
    media_type = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    return Response(body, media_type=media_type, headers=headers)


def _json(content: Any) -> bytes:
    return json.dumps(_finite(jsonable_encoder(content)), ensure_ascii=False, allow_nan=False).encode()


def _finite(content: Any) -> Any:
    """JSON knows neither infinity nor NaN; a raw row of the source may hold them."""
    if isinstance(content, dict):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_finite(value) for value in content]
    return str(content) if isinstance(content, float) and not math.isfinite(content) else content


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return text.getvalue().encode()
