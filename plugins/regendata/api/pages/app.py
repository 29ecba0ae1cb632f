"""The application of the pages: read only, each route behind Airflow's login, errors as pages."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from regendata.api.pages import coverage, explain, lineage, receipts, run_form, static_files, status
from regendata.api.pages.html import page
from regendata.api.pages.security import HEADERS, SIGNED_IN
from regendata.exceptions import RegendataError

log = logging.getLogger(__name__)

PAGES = (status, receipts, lineage, coverage, explain, run_form, static_files)


def build() -> FastAPI:
    """The application; it serves no description of itself, which would need no login."""
    app = FastAPI(
        title="Regendata pages", dependencies=[SIGNED_IN], docs_url=None, redoc_url=None, openapi_url=None
    )
    app.middleware("http")(_guarded)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(RegendataError, _unavailable)
    for one in PAGES:
        app.include_router(one.router)
    return app


async def _guarded(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await answer(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def _refused(request: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 500
    said = str(error.detail) if isinstance(error, HTTPException) else "Error"
    return page(request, "error.html", code, title=said, text=_ADVICE.get(code, ""))


async def _bad_request(request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    told = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in faults)
    return page(request, "error.html", 400, title="This address cannot be read", text=told)


async def _unavailable(request: Request, error: Exception) -> Response:
    """The connection and what it says stand in the message; hosts and users of it are for the log."""
    log.error("%s: %s: %s", request.url.path, type(error).__name__, error)
    return page(request, "error.html", 503, title="The warehouse cannot be read", text=str(error))


_ADVICE = {
    401: "Log in to Airflow, then open this page again.",
    403: "Your role in Airflow may not see this page.",
    404: "There is nothing at this address.",
}
