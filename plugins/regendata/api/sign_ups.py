"""The public form for accounts, and what the mail system tells about mails that came back.

A sign-up is kept in a queue and nothing else happens here: the answer is the same for everybody, so that it
does not tell who has an account. The role of this process may insert into the queue and read nothing.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import logging
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool

from regendata import paths
from regendata.api.rate_limit import TokenBuckets, client_of
from regendata.exceptions import FormRefused, RegendataError
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import sign_ups as queue
from regendata.settings import Settings
from regendata.sources.cdr.presign import cors_headers
from regendata.sources.sign_ups.bounces import Bounce, read_bounce
from regendata.sources.sign_ups.form import SignUp, is_trapped, read_form

CONN_ID = "sign_up_form_db"
WEBHOOK_CONN_ID = "postmark_webhook"
PAGE = "/sign-up"
THANKS, PROBLEM = f"{PAGE}/thanks.html", f"{PAGE}/problem.html"
RECEIVED = "Thank you. Look into your mail within the next minutes: it says how to log in."
JSON_TYPE, FORM_TYPE = "application/json", "application/x-www-form-urlencoded"
LARGEST_FORM, LARGEST_RECORD = 4_096, 262_144
STATEMENT_MS = 5_000

router = APIRouter(tags=["Sign-ups"])
log = logging.getLogger(__name__)

_TEXT = {"type": "string", "maxLength": 80}
_FORM = {
    "type": "object",
    "required": ["email", "first_name", "last_name"],
    "properties": {
        "email": {"type": "string", "format": "email", "maxLength": 254},
        "first_name": _TEXT,
        "last_name": _TEXT,
    },
    "example": {"email": "ada@example.org", "first_name": "Ada", "last_name": "Lovelace"},
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {JSON_TYPE: {"schema": _FORM}, FORM_TYPE: {"schema": _FORM}},
    }
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"description": "Received; the same for everybody"},
    303: {"description": "The same, for a form of a browser without scripts"},
    403: {"description": "Posted by a page of a site that is not listed"},
    413: {"description": "Too large"},
    415: {"description": "Neither JSON nor a form"},
    422: {"description": "A field cannot be taken; `detail` names it"},
    429: {"description": "Too many sign-ups from one address; see Retry-After"},
    503: {"description": "Not received, try again later; see Retry-After"},
}


@router.post("/v1/sign-ups", status_code=202, openapi_extra=_BODY, responses=_ANSWERS)
async def sign_up(request: Request) -> Response:
    """Ask for an account. Whoever has one already is told so by mail, and nowhere else."""
    headers = _welcome(request)
    _take_turn(request)
    given = _fields(request, await _body(request, LARGEST_FORM))
    try:
        person = read_form(given)
    except FormRefused as refused:
        return _refusal(request, refused, headers)
    if not is_trapped(given):
        await _keep(person)
    if _wants_page(request):
        return RedirectResponse(THANKS, 303, headers)
    return JSONResponse({"status": "received", "message": RECEIVED}, 202, headers)


@router.post("/v1/mail-bounces", include_in_schema=False)
async def mail_bounces(request: Request) -> dict[str, str]:
    """Postmark's webhook for bounces and complaints; it shows login and password of a connection."""
    await _require_webhook(request)
    body = await _body(request, LARGEST_RECORD)
    try:
        bounce = read_bounce(_json(body))
    except FormRefused as refused:
        raise HTTPException(422, str(refused)) from None
    if bounce is None:
        return {"status": "ignored"}
    await run_in_threadpool(_record, bounce)
    return {"status": "recorded"}


def mount_pages(app: FastAPI) -> None:
    """The page with the form; behind the routes, which come first."""
    app.mount(PAGE, StaticFiles(directory=paths.PAGES / "sign_up", html=True), name="sign_up")


def _welcome(request: Request) -> dict[str, str]:
    """CORS headers of the answer. Browsers name the page that posts: this site's own, or one of the list."""
    origin = request.headers.get("origin")
    settings: Settings = request.app.state.settings
    headers = cors_headers(origin, settings.sign_up_origins.replace(" ", "").split(","))
    is_own = origin is not None and urlsplit(origin).netloc == request.headers.get("host")
    if origin is not None and not is_own and "Access-Control-Allow-Origin" not in headers:
        raise HTTPException(403, "This page may not sign anybody up")
    return headers


def _take_turn(request: Request) -> None:
    """A limit of its own: a sign-up costs an account and a mail."""
    state = request.app.state
    if not hasattr(state, "sign_up_buckets"):
        most = state.settings.sign_up_per_hour
        state.sign_up_buckets = TokenBuckets(most / 3600, most)
    wait = state.sign_up_buckets.wait_s(client_of(request.scope))
    if wait:
        raise HTTPException(429, "Too many sign-ups from your address", {"Retry-After": str(int(wait) + 1)})


async def _body(request: Request, most: int) -> bytes:
    """The body, unless it is larger; a client that says nothing of its size is cut off."""
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > most:
            raise HTTPException(413, f"More than {most} bytes")
    return found


def _fields(request: Request, body: bytes) -> Mapping[str, object]:
    kind = _media_type(request)
    if kind == FORM_TYPE:
        try:
            return dict(parse_qsl(body.decode(), max_num_fields=20))
        except ValueError:
            raise HTTPException(400, "The form cannot be read") from None
    if kind != JSON_TYPE:
        raise HTTPException(415, f"Send {JSON_TYPE} or {FORM_TYPE}")
    given = _json(body)
    if not isinstance(given, dict):
        raise HTTPException(400, "Send an object")
    return given


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise HTTPException(400, "The body is not JSON") from None


def _refusal(request: Request, refused: FormRefused, headers: dict[str, str]) -> Response:
    if _wants_page(request):
        return RedirectResponse(PROBLEM, 303, headers)
    body = {"type": "about:blank", "title": "Unprocessable Content", "status": 422, "detail": str(refused)}
    return JSONResponse(body | {"field": refused.field}, 422, headers, media_type="application/problem+json")


def _wants_page(request: Request) -> bool:
    return _media_type(request) == FORM_TYPE and JSON_TYPE not in request.headers.get("accept", "")


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _keep(person: SignUp) -> None:
    """:raises HTTPException: 503; the person keeps the filled-in form."""
    request_id = uuid.uuid4()
    try:
        await run_in_threadpool(_hand_in, request_id, person)
    except RegendataError as error:
        log.error("sign-up %s was not kept: %s", request_id, error)
        told = "We cannot take sign-ups at the moment. Please try again in some minutes."
        raise HTTPException(503, told, {"Retry-After": "300"}) from None


def _hand_in(request_id: uuid.UUID, person: SignUp) -> None:
    with connect(CONN_ID) as conn:
        conn.execute("SELECT set_config('statement_timeout', %s, false)", [str(STATEMENT_MS)])
        queue.hand_in(conn, request_id, person)


def _record(bounce: Bounce) -> None:
    with connect(CONN_ID) as conn:
        queue.record_bounce(conn, bounce)


async def _require_webhook(request: Request) -> None:
    """401 for whoever does not show what the connection holds."""
    from airflow.sdk import BaseHook

    known = await run_in_threadpool(BaseHook.get_connection, WEBHOOK_CONN_ID)
    wanted = f"{known.login}:{known.password}".encode()
    if not known.password or not hmac.compare_digest(_shown(request), wanted):
        raise HTTPException(401, "Not for everybody", {"WWW-Authenticate": "Basic"})


def _shown(request: Request) -> bytes:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
