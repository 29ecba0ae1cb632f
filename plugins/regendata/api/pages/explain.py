"""*Explain*: what a published figure was made from, where a system can tell."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from regendata.api.pages.html import page
from regendata.hooks.warehouse import token_figures
from regendata.hooks.warehouse.house import tokens
from regendata.hooks.warehouse.house.reading import reading, stands
from regendata.sources.token_metrics.figures import FIGURES
from regendata.sources.token_metrics.hours import HOUR

#: Source rows that are shown.
MOST_ROWS = 300

router = APIRouter()


@router.get("/explain")
def show(
    request: Request,
    symbol: Annotated[str, Query(max_length=500)] = "",
    hour: Annotated[
        datetime | None, Query(description="The hour (UTC); the newest published one unless given")
    ] = None,
    figure: str = "sma1_dif",
) -> HTMLResponse:
    """A figure of token metrics, the newest published hour unless another is given."""
    chosen = figure if figure in FIGURES else next(iter(FIGURES))
    with reading() as conn:
        published = stands(conn, "token_metrics.trending")
        newest = tokens.published_hour(conn) if published else None
        leaders = tokens.leaders(conn) if published else []
        at = _seconds(hour) or newest or int(time.time()) // HOUR * HOUR
        found = token_figures.explain(conn, symbol, at, chosen) if symbol and published else None
    return page(
        request,
        "explain.html",
        symbol=symbol,
        hour=datetime.fromtimestamp(at, timezone.utc),
        figure=chosen,
        figures=list(FIGURES),
        leaders=leaders,
        found=_shown(found) if found else None,
        step=HOUR,
    )


def _seconds(hour: datetime | None) -> int | None:
    """Start of the hour in seconds since 1970; a moment without a zone is in UTC."""
    if hour is None:
        return None
    moment = hour if hour.tzinfo else hour.replace(tzinfo=timezone.utc)
    return int(moment.timestamp()) // HOUR * HOUR


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    """With moments in place of seconds, and no more rows than a page holds."""
    windows = [
        window | {name: datetime.fromtimestamp(window[name], timezone.utc) for name in ("from", "until")}
        for window in found["windows"]
    ]
    shown = [
        row | {"hour": datetime.fromtimestamp(row["timestamp"], timezone.utc)}
        for row in found["rows"][-MOST_ROWS:]
    ]
    return found | {"windows": windows, "rows": shown, "left_out": len(found["rows"]) - len(shown)}
