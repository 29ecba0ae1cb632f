"""*Coverage*: is anything missing, and the form that fetches it."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from regendata.api.pages import coverage_maps
from regendata.api.pages.heat import HeatMap
from regendata.api.pages.html import page
from regendata.hooks.warehouse.house.reading import reading
from regendata.sources.token_metrics.hours import HOUR

#: The DAG that fills gaps of each map.
FILLED_BY = {
    "relays": "mev_boost_backload",
    "chains": "grants_every_4_hours",
    "symbols": "token_metrics_hourly",
}
DAYS, HOURS = 60, 96
MOST_GAPS = 40

View = Literal["relays", "chains", "symbols"]
router = APIRouter()


@router.get("/coverage")
def show(
    request: Request,
    view: View = "relays",
    until: Annotated[
        date | None, Query(description="Last day of the window (UTC); today unless given")
    ] = None,
) -> HTMLResponse:
    """One view: its maps, and its gaps in words."""
    now = datetime.now(timezone.utc)
    last = min(until or now.date(), now.date())
    form = f"{request.scope.get('root_path', '')}/run/{FILLED_BY[view]}"
    maps = _maps(view, last, now, form)
    return page(
        request,
        "coverage.html",
        view=view,
        maps=maps,
        most_gaps=MOST_GAPS,
        filled_by=FILLED_BY[view],
        last=last,
        earlier=last - timedelta(days=DAYS if view != "symbols" else HOURS // 24),
        newest=last == now.date(),
    )


def _maps(view: View, last: date, now: datetime, form: str) -> list[HeatMap]:
    days = [last - timedelta(days=number) for number in reversed(range(DAYS))]
    if view == "symbols":
        return _symbols(last, now, form)
    with reading() as conn:
        if view == "relays":
            return coverage_maps.relays(conn, days, now, form)
        return coverage_maps.chains(conn, days, form)


def _symbols(last: date, now: datetime, form: str) -> list[HeatMap]:
    """Up to the last whole hour."""
    after = datetime(last.year, last.month, last.day, tzinfo=timezone.utc) + timedelta(days=1)
    end = int(min(after, now).timestamp()) // HOUR * HOUR
    with reading() as conn:
        return coverage_maps.symbols(conn, end - HOURS * HOUR, end, form)
