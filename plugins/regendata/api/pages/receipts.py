"""*Receipts*: every refresh with what it read, built, changed, checked, who approved it, and the way back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse

from regendata import paths
from regendata.api.pages.charts import history
from regendata.api.pages.html import page
from regendata.hooks.warehouse.house import receipts
from regendata.hooks.warehouse.house.reading import reading
from regendata.publish.permissions import read_permissions
from regendata.publish.systems import SYSTEMS

router = APIRouter()


@router.get("/receipts")
def show(
    request: Request,
    system: str = SYSTEMS[0],
    before: Annotated[int | None, Query(ge=1)] = None,
    state: str = "",
) -> HTMLResponse:
    """A page of receipts below a year of them."""
    if system not in SYSTEMS:
        raise HTTPException(404, f"No system of this name; known: {', '.join(SYSTEMS)}")
    states = [state] if state in receipts.ENDED else None
    with reading() as conn:
        builds = receipts.page(conn, system, before, states)
        days = receipts.days(conn, system)
        kept = receipts.builds_to_go_back_to(conn, system)
    return page(
        request,
        "receipts.html",
        system=system,
        systems=SYSTEMS,
        state=state,
        states=receipts.ENDED,
        builds=builds,
        kept=kept,
        history=history(days, receipts.HISTORY_DAYS),
        older=builds[-1]["build_id"] if len(builds) == receipts.PAGE_ROWS else None,
        newest=before is None,
    )


@router.get("/receipts/{build_id}")
def one(request: Request, build_id: Annotated[int, Path(ge=1, lt=2**62)]) -> HTMLResponse:
    """One receipt."""
    with reading() as conn:
        found = receipts.receipt(conn, build_id)
        if found is None:
            raise HTTPException(404, f"There is no build {build_id}")
        kept = receipts.builds_to_go_back_to(conn, found["system"])
    permissions = read_permissions(paths.PERMISSIONS)
    readers = {
        schema: [role.name for role in permissions.roles if schema in permissions.readable(role)]
        for schema in {name["relation"].split(".")[0] for name in found["relations"]}
    }
    return page(request, "receipt.html", build=found, kept=kept, readers=readers)
