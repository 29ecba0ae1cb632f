"""What went wrong, as a JSON body: RFC 9457 under ``/v1``, ``{"error": ...}`` for the older routes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from regendata.exceptions import RegendataError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
VERSIONED = "/v1/"


def add_handlers(app: FastAPI) -> None:
    """Answer errors of the application with a body that says what to do."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(RegendataError, _unavailable)


def problem(path: str, status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The body in the form that routes of this path answer in."""
    if not path.startswith(VERSIONED):
        return JSONResponse({"error": detail}, status, headers)
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem(
        request.url.path, status, str(getattr(error, "detail", "Error")), getattr(error, "headers", None)
    )


async def _bad_request(request: Request, error: Exception) -> JSONResponse:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    told = [f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in faults]
    return problem(request.url.path, 400, "; ".join(told))


async def _unavailable(request: Request, error: Exception) -> JSONResponse:
    """What went wrong names buckets and hosts: that is for the log."""
    log.error("%s: %s: %s", request.url.path, type(error).__name__, error)
    told = "The data cannot be read at the moment"
    return problem(request.url.path, 503, told, {"Retry-After": "10"})
