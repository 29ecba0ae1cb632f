"""``/v1/statistics`` and ``/v1/rounds``: headline figures, their parts, and every round; with a page."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, FastAPI, Path, Query, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from regendata import paths
from regendata.api.answers import Asked, Format, Found, Known, answers_of, documented
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import statistics
from regendata.hooks.warehouse.statistics import Part, RoundsPage, Scope

PAGE = "/impact"
#: Text without control characters: Postgres takes no zero byte.
_TEXT = r"^[^\x00-\x1f]+$"

_SUMS = {
    "total_usd": 67000000.0,
    "crowdfunding_usd": 24000000.0,
    "matching_usd": 43000000.0,
    "donations": 5100000,
    "rounds": 310,
}
_ROUND = {
    "program": "GG20",
    "name": "GG20 OSS - dApps and Apps",
    "chain": "Arbitrum",
    "chain_id": "42161",
    "round_id": "26",
    "strategy": "Allo QF",
    "round_at": "2024-05-07T23:59:00Z",
    "total_usd": 400000.0,
    "crowdfunding_usd": 100000.0,
    "matching_usd": 300000.0,
    "donations": 90000,
    "donors": 11000,
}

router = APIRouter(prefix="/v1", tags=["Statistics"])
Counted = Annotated[
    Scope, Query(alias="rounds", description="Rounds that belong to a program, or all of them")
]


@router.get(
    "/statistics", responses=documented({"gmv_usd": 71000000.0, **_SUMS, "programs": 23, "donors": 800000})
)
async def headline(
    request: Request, scope: Counted = "program", form: Format = "json", known: Known = None
) -> Response:
    """One row: money, donations and rounds of the scope; addresses and volume of all time.

    `gmv_usd` is what grantees received; `donors` and `grantees` are different addresses.
    """
    return await answers_of(request).answer(
        Asked(("headline", scope), form, known, lambda conn: Found([statistics.headline(conn, scope)]))
    )


@router.get("/statistics/{part}", responses=documented({"name": "GG20", **_SUMS}))
async def parts(
    request: Request,
    part: Annotated[Part, Path(description="What to split by", examples=["program"])],
    scope: Counted = "program",
    form: Format = "json",
    known: Known = None,
) -> Response:
    """The same sums per program, chain, strategy or year."""
    return await answers_of(request).answer(
        Asked((part, scope), form, known, lambda conn: Found(statistics.by_part(conn, part, scope)))
    )


@router.get("/rounds", tags=["Rounds"], responses=documented(_ROUND, found=310))
async def rounds(
    request: Request,
    program: Annotated[
        str | None, Query(max_length=100, pattern=_TEXT, description="Only this program", examples=["GG20"])
    ] = None,
    chain_id: Annotated[
        int | None, Query(ge=0, lt=2**31, description="Only this chain", examples=[42161])
    ] = None,
    name: Annotated[
        str | None, Query(max_length=100, pattern=_TEXT, description="Text in the round's name")
    ] = None,
    order: Annotated[
        Literal["time", "total", "donors"], Query(description="Newest, most money or most donors first")
    ] = "time",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000, description="Rounds to leave out")] = 0,
    form: Format = "json",
    known: Known = None,
) -> Response:
    """Totals per round; `found` is the number of rounds in all pages."""
    chain = None if chain_id is None else str(chain_id)
    asked = RoundsPage(order, limit, offset, program, chain, name)
    return await answers_of(request).answer(
        Asked(("rounds", asked), form, known, lambda conn: _rounds(conn, asked))
    )


def mount_pages(app: FastAPI) -> None:
    """The page; behind the routes, which come first."""
    app.mount(PAGE, StaticFiles(directory=paths.PAGES / "impact", html=True), name="impact")


def _rounds(conn: PgConnection, asked: RoundsPage) -> Found:
    rows, found = statistics.rounds(conn, asked)
    return Found(rows, {"found": found})
