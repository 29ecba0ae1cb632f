"""``/v1/data-sets``: what is published, how much of it, how old it is and how it was judged."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from regendata.api.answers import Asked, Format, Found, Known, answers_of, documented
from regendata.hooks.warehouse import data_sets

router = APIRouter(prefix="/v1", tags=["Data sets"])


_DATA_SET = {
    "relation": "public.all_donations",
    "description": "All donations ever.",
    "system": "grants",
    "build_id": 812,
    "built_in": 812,
    "rows": 5100000,
    "bytes": 2147483648,
    "amount_usd": 67000000.0,
    "built_at": "2026-03-01T04:01:50Z",
    "published_at": "2026-03-01T04:02:11Z",
    "checked_at": "2026-03-01T08:00:40Z",
    "checks_passed": 14,
    "checks_waived": 0,
    "checks_failed": 0,
}


@router.get("/data-sets", responses=documented(_DATA_SET))
async def status(request: Request, form: Format = "json", known: Known = None) -> Response:
    """One row per published relation: rows, bytes, when it was built, published and last looked after."""
    return await answers_of(request).answer(
        Asked("data sets", form, known, lambda conn: Found(data_sets.status(conn)))
    )
