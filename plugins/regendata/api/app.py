"""The application of the public API. A system adds itself with a router in :data:`ROUTERS`."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from regendata.api import cdr_market, token_metrics
from regendata.api.cors import AllowedOrigins
from regendata.exceptions import RegendataError
from regendata.settings import Settings, load

log = logging.getLogger(__name__)

ROUTERS: Sequence[APIRouter] = (cdr_market.router, token_metrics.router)


def build(settings: Settings | None = None, routers: Sequence[APIRouter] = ROUTERS) -> FastAPI:
    """The application; requests find its settings in ``app.state.settings``."""
    app = FastAPI(title="Regendata public API", docs_url="/docs", redoc_url=None)
    app.state.settings = settings or load()
    app.add_middleware(AllowedOrigins, origins=origins_of(app.state.settings))
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(RegendataError, _unavailable)
    app.add_api_route("/health", health, methods=["GET"])
    for router in routers:
        app.include_router(router)
    cdr_market.mount_pages(app)
    token_metrics.mount_pages(app)
    return app


def origins_of(settings: Settings) -> tuple[str, ...]:
    """Origins of pages that may ask, as the setting lists them, comma between two."""
    return tuple(origin.strip() for origin in settings.public_api_origins.split(",") if origin.strip())


def health() -> dict[str, str]:
    """Alive; asks nobody."""
    return {"status": "ok"}


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return JSONResponse({"error": getattr(error, "detail", "Error")}, status)


async def _bad_request(_: Request, error: Exception) -> JSONResponse:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    told = [f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in faults]
    return JSONResponse({"error": "; ".join(told)}, 400)


async def _unavailable(request: Request, error: Exception) -> JSONResponse:
    """What went wrong names buckets and hosts: that is for the log."""
    log.error("%s: %s: %s", request.url.path, type(error).__name__, error)
    return JSONResponse({"error": "The data cannot be read at the moment"}, 503)
