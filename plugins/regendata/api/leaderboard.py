"""``/v1/leaderboard``: volume by address, role and time window, with a page for people."""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Annotated, Literal

from fastapi import APIRouter, FastAPI, HTTPException, Path, Query, Request
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from regendata import paths
from regendata.api.answers import Asked, Format, Found, Known, answers_of, documented
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import leaderboard
from regendata.hooks.warehouse.leaderboard import LeaderboardPage, Place
from regendata.hooks.warehouse.leaderboard_ranks import Ranks

PAGE = "/leaderboard"
MOST_LINES = 500

_ADDRESS = "0xd8da6bf26964af9d7eed9e03e53415d37aa96045"
_LINE = {
    "rank": 1,
    "name": "vitalik.eth",
    "gmv": 1234567.89,
    "events": 321,
    "first_at": "2019-02-01T00:00:00Z",
    "last_at": "2025-11-02T18:30:00Z",
}

router = APIRouter(prefix="/v1/leaderboard", tags=["Leaderboard"])
Role = Annotated[
    Literal["donor", "grantee", "round_operator", "contract_dev"], Query(description="In which role")
]
Window = Annotated[
    str,
    Query(
        pattern=r"^(all|last_(30|90|365)_days|20[0-9]{2})$",
        description="`all`, `last_30_days`, `last_90_days`, `last_365_days`, or a year",
        examples=["all", "2024", "last_90_days"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=MOST_LINES, description="Lines of a page")]
Cursor = Annotated[
    str | None, Query(max_length=300, description="`next` of the page before; nothing for the first page")
]
Search = Annotated[
    str | None,
    Query(
        min_length=3,
        max_length=100,
        pattern=r"^[^\x00-\x1f]+$",
        description="Part of an ENS name, or the beginning of an address",
        examples=["vitalik", "0xd8da6b"],
    ),
]


@router.get(
    "",
    responses=documented(
        {"address": _ADDRESS, **_LINE}, role="donor", window="all", next="WzEyLjUsICIweGQ4In0="
    ),
)
async def lines(
    request: Request,
    role: Role = "donor",
    window: Window = "all",
    limit: Limit = 50,
    cursor: Cursor = None,
    search: Search = None,
    form: Format = "json",
    known: Known = None,
) -> Response:
    """Addresses from the largest volume down; `next` is the cursor of the following page, null at the end.

    A cursor holds the last line seen and not a number of lines, so nothing is shown twice when data are
    published between two pages.
    """
    after = read_cursor(cursor) if cursor else None
    asked, ranks = LeaderboardPage(window, role, limit, after, search), _ranks_of(request)
    return await answers_of(request).answer(
        Asked(("leaderboard", asked), form, known, lambda conn: _page(conn, asked, ranks))
    )


@router.get("/windows", responses=documented({"window": "all"}, roles=list(leaderboard.ROLES)))
async def windows(request: Request, form: Format = "json", known: Known = None) -> Response:
    """Windows that have lines, and all roles."""
    return await answers_of(request).answer(Asked("windows", form, known, _windows))


@router.get(
    "/addresses/{address}",
    responses=documented({"time_window": "all", "role": "donor", **_LINE}, address=_ADDRESS),
)
async def address(
    request: Request,
    address: Annotated[
        str,
        Path(
            pattern=r"^0[xX][0-9a-fA-F]{40}$",
            description="In upper or lower case",
            examples=[_ADDRESS],
        ),
    ],
    form: Format = "json",
    known: Known = None,
) -> Response:
    """Rank and volume of one address in every window and role; no rows where it has none."""
    wanted, ranks = address.lower(), _ranks_of(request)

    def find(conn: PgConnection) -> Found:
        return Found(leaderboard.of_address(conn, wanted, ranks), {"address": wanted})

    return await answers_of(request).answer(Asked(("address", wanted), form, known, find))


def mount_pages(app: FastAPI) -> None:
    """The page; behind the routes, which come first."""
    app.mount(PAGE, StaticFiles(directory=paths.PAGES / "leaderboard", html=True), name="leaderboard")


def _ranks_of(request: Request) -> Ranks:
    """Those of the application, made at the first request."""
    state = request.app.state
    if not hasattr(state, "leaderboard_ranks"):
        state.leaderboard_ranks = Ranks()
    ranks: Ranks = state.leaderboard_ranks
    return ranks


def _page(conn: PgConnection, asked: LeaderboardPage, ranks: Ranks) -> Found:
    found = leaderboard.page(conn, asked, ranks)
    rows = found[: asked.limit]
    following = cursor_to(Place(rows[-1]["gmv"], rows[-1]["address"])) if len(found) > asked.limit else None
    return Found(rows, {"role": asked.role, "window": asked.window, "next": following})


def _windows(conn: PgConnection) -> Found:
    rows = [{"window": name} for name in leaderboard.windows(conn)]
    return Found(rows, {"roles": leaderboard.ROLES})


def cursor_to(place: Place) -> str:
    """A place as an opaque text for URLs."""
    return base64.urlsafe_b64encode(json.dumps([place.gmv, place.address]).encode()).decode()


def read_cursor(text: str) -> Place:
    """The inverse; 400 for a text that is no cursor."""
    try:
        gmv, address = json.loads(base64.urlsafe_b64decode(text.encode()))
        place = Place(float(gmv), str(address))
    except (binascii.Error, UnicodeError, ValueError, TypeError) as error:
        raise HTTPException(400, "cursor: not one of ours; leave it away to begin at the top") from error
    if not math.isfinite(place.gmv) or "\x00" in place.address:
        raise HTTPException(400, "cursor: not one of ours; leave it away to begin at the top")
    return place
