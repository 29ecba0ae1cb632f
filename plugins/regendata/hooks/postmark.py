"""Postmark: mails from a template, and whether one went out before."""

from __future__ import annotations

from typing import Any

from regendata.exceptions import BadSourceAnswer, MailUndeliverable, SignUpRefused, SourceUnavailable
from regendata.hooks.private_http import body_of, call, connection_of

CONN_ID = "postmark"
BASE_URL = "https://api.postmarkapp.com"
WHAT = "Postmark"
STREAM = "outbound"
#: Name of the metadata that tells which sign-up a mail belongs to.
REQUEST = "request"
OK, BAD_TOKEN, BAD_REQUEST, INACTIVE = 0, 10, 300, 406


class PostmarkHook:
    """Talks to Postmark; the connection's password is the server token, its login the sender's address."""

    def __init__(self, conn_id: str = CONN_ID) -> None:
        self.conn_id = conn_id

    def send(self, request_id: str, to: str, template: str, model: dict[str, str]) -> str:
        """Send a template; returns the message's id.

        :raises SourceUnavailable: it may have gone out or not; :meth:`find` tells, some minutes later.
        :raises MailUndeliverable: Postmark sends nothing to this address any more.
        :raises SignUpRefused: Postmark will never take it.
        """
        mail = {
            "From": str(connection_of(self.conn_id).login),
            "To": to,
            "TemplateAlias": template,
            "TemplateModel": model,
            "MessageStream": STREAM,
            "Metadata": {REQUEST: request_id},
        }
        response = self._call(f"{WHAT} mail", "POST", "/email/withTemplate", json=mail)
        body = self._body(f"{WHAT} mail", response)
        self._refuse(response.status_code, body.get("ErrorCode"), template)
        return str(body["MessageID"])

    def find(self, request_id: str) -> str | None:
        """Id of the message that went out for a sign-up; None if there is none."""
        asked: dict[str, str | int] = {"count": 1, "offset": 0, f"metadata_{REQUEST}": request_id}
        response = self._call(f"{WHAT} search", "GET", "/messages/outbound", params=asked)
        body = self._body(f"{WHAT} search", response)
        if response.status_code != 200 or not isinstance(body.get("Messages"), list):
            raise SourceUnavailable(f"{WHAT} search: HTTP {response.status_code}")
        return next((str(found["MessageID"]) for found in body["Messages"]), None)

    def _call(self, what: str, method: str, path: str, **content: Any) -> Any:
        connection = connection_of(self.conn_id)
        base_url = (connection.host or BASE_URL).rstrip("/")
        headers = {"X-Postmark-Server-Token": str(connection.password), "Accept": "application/json"}
        return call(what, method, base_url + path, headers=headers, **content)

    def _body(self, what: str, response: Any) -> dict[str, Any]:
        body = body_of(what, response)
        if not isinstance(body, dict):
            raise BadSourceAnswer(f"{what}: HTTP {response.status_code}, the answer is no object")
        return body

    def _refuse(self, status: int, code: object, template: str) -> None:
        """Postmark's own words quote the address, so that only its number is told."""
        if code == OK and status == 200:
            return
        told = f"{WHAT} mail: HTTP {status}, error {code}"
        if code == INACTIVE:
            raise MailUndeliverable(f"{told}: the recipient is inactive")
        if code == BAD_REQUEST:
            raise SignUpRefused(f"{told}: the address is not valid")
        # Token, template and account are mended by people, and the sign-up goes on then.
        raise SourceUnavailable(f"{told}, template {template}")
