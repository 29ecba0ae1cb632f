"""Postmark: mails from a template, and the search for mails by their metadata.

What was sent stands in `postmark_outbox.json`. Nothing is sent anywhere.
"""

from __future__ import annotations

import hmac
import re
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.upstreams.kept import Kept, Row
from sandbox.upstreams.service import Service, Site, is_empty

NAME = "postmark"
OUTBOX = "postmark_outbox.json"
TEMPLATES = ("welcome", "welcome-back")
PREFIX = "metadata_"
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ERRORS = {
    401: (10, "The Server Token you provided in the X-Postmark-Server-Token request header was invalid."),
    422: (300, "Invalid request."),
    429: (429, "Rate limit exceeded."),
}
Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True)
class Postmark:
    """The endpoints."""

    site: Site

    def routes(self) -> list[Route]:
        return [
            Route("/email/withTemplate", self._known(self.send), methods=["POST"]),
            Route("/messages/outbound", self._known(self.search), methods=["GET"]),
        ]

    async def send(self, request: Request) -> Response:
        mail = await request.json()
        refused = self._refused(mail)
        if refused is not None:
            code, message = refused
            return JSONResponse({"ErrorCode": code, "Message": message}, 422)
        sent = {"MessageID": str(uuid.uuid4()), "SubmittedAt": datetime.now(timezone.utc).isoformat()}
        Kept(self.site.folder / OUTBOX).add({**mail, **sent})
        return JSONResponse({"To": mail["To"], **sent, "ErrorCode": 0, "Message": "OK"})

    async def search(self, request: Request) -> Response:
        asked = request.query_params
        if "count" not in asked or "offset" not in asked:
            return error(422)
        wanted = {k.removeprefix(PREFIX): v for k, v in asked.items() if k.startswith(PREFIX)}
        rows = [] if is_empty(request) else Kept(self.site.folder / OUTBOX).rows()
        found = [row for row in rows if wanted.items() <= row.get("Metadata", {}).items()]
        page = found[int(asked["offset"]) :][: int(asked["count"])]
        return JSONResponse({"TotalCount": len(found), "Messages": [_listed(row) for row in page]})

    def _refused(self, mail: Row) -> tuple[int, str] | None:
        """Error code and message, which quotes the address as Postmark's does."""
        if not ADDRESS.fullmatch(mail.get("To", "")):
            return 300, f"Invalid 'To' address: '{mail.get('To')}'."
        if mail.get("TemplateAlias") not in TEMPLATES:
            return 1101, "The 'TemplateId' associated with this request is not valid or was not found."
        if mail["To"] in self.site.board.setting(NAME, "inactive"):
            return 406, f"You tried to send to inactive recipients. Found inactive addresses: {mail['To']}."
        return None

    def _known(self, answer: Endpoint) -> Endpoint:
        async def check(request: Request) -> Response:
            token = request.headers.get("x-postmark-server-token", "")
            if not hmac.compare_digest(token.encode(), self.site.secret(NAME).encode()):
                return error(401)
            return await answer(request)

        return check


def _listed(row: Row) -> Row:
    address = {"Email": row["To"], "Name": None}
    kept = {name: row[name] for name in ("MessageID", "Metadata", "From", "MessageStream") if name in row}
    return {**kept, "To": [address], "Recipients": [row["To"]], "Status": "Sent"}


def error(status: int) -> Response:
    code, message = ERRORS.get(status, (status, "Internal server error"))
    return JSONResponse({"ErrorCode": code, "Message": message}, status)


# inactive: addresses that are sent nothing since they bounced.
SERVICE = Service(NAME, lambda site: Postmark(site).routes(), error, {"inactive": []})
