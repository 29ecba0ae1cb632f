"""Metabase's API: cards, users, and the sync of what it knows about a database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from airflow.sdk import Connection

from regendata.exceptions import BadSourceAnswer, SignUpRefused, SourceUnavailable
from regendata.hooks.private_http import body_of, call, connection_of
from regendata.sources.metabase import CONN_ID, rows_of

WHAT = "Metabase"
PAGE_USERS = 500
#: Its number of the warehouse, unless the connection's extra says another ``database``.
DATABASE = 2


@dataclass(frozen=True)
class User:
    """An account."""

    joined_at: datetime | None
    is_active: bool


@dataclass
class MetabaseHook:
    """Talks to Metabase. The connection's host is its address; its password is an API key, or the password of
    its login when it has one.

    :param known: accounts by address, read when they are needed first.
    """

    conn_id: str = CONN_ID
    known: dict[str, User] = field(default_factory=dict)

    def rows(self, card: int) -> list[dict[str, Any]]:
        """Rows of a card, by display name of column.

        :raises BadSourceAnswer: the query failed, or the answer has another form.
        """
        return rows_of(self._ask(f"{WHAT} card {card}", "POST", f"/api/card/{card}/query/json"), card)

    def sync_schema(self) -> int:
        """Have Metabase look at the columns of the warehouse; returns its number of that database."""
        database = int(self._connection.extra_dejson.get("database", DATABASE))
        self._ask(f"{WHAT} schema sync", "POST", f"/api/database/{database}/sync_schema")
        return database

    def invite(self, email: str, first_name: str, last_name: str) -> bool:
        """Create an account; False when the address has one.

        :raises SignUpRefused: Metabase will not have the address.
        """
        person = {"email": email, "first_name": first_name, "last_name": last_name}
        response = self._call(f"{WHAT} invitation", "POST", "/api/user", json=person)
        if response.status_code == 400:
            return self._refused(body_of(f"{WHAT} invitation", response))
        self._require(f"{WHAT} invitation", response.status_code)
        return True

    def find(self, email: str) -> User | None:
        """The account of an address, deactivated ones included.

        The list is read whole, once: an address asked for would stand in logs of every server on the way.
        """
        if not self.known:
            self.known.update(self._users())
        return self.known.get(email.lower())

    def _users(self) -> Iterator[tuple[str, User]]:
        offset, total = 0, 1
        while offset < total:
            asked: dict[str, str | int] = {"status": "all", "limit": PAGE_USERS, "offset": offset}
            body = self._ask(f"{WHAT} users", "GET", "/api/user", params=asked)
            try:
                rows, total = body["data"], int(body["total"])
                yield from ((str(row["email"]).lower(), _user(row)) for row in rows)
            except (KeyError, TypeError, ValueError):
                raise BadSourceAnswer(f"{WHAT} users: the answer is no list of accounts") from None
            if not rows:
                return
            offset += len(rows)

    def _refused(self, body: Any) -> bool:
        errors = body.get("errors") if isinstance(body, dict) else None
        if not isinstance(errors, dict):
            raise SignUpRefused(f"{WHAT} refused an invitation without naming a field")
        if "already in use" in str(errors.get("email", "")):
            return False
        raise SignUpRefused(f"{WHAT} refused an invitation for its {', '.join(sorted(errors))}")

    def _ask(self, what: str, method: str, path: str, **content: Any) -> Any:
        response = self._call(what, method, path, **content)
        self._require(what, response.status_code)
        return body_of(what, response)

    def _require(self, what: str, status: int) -> None:
        if status >= 400:
            raise SourceUnavailable(f"{what}: HTTP {status}")

    def _call(self, what: str, method: str, path: str, **content: Any) -> Any:
        return call(what, method, self._base_url + path, headers=self._credentials, **content)

    @cached_property
    def _connection(self) -> Connection:
        return connection_of(self.conn_id)

    @property
    def _base_url(self) -> str:
        return str(self._connection.host).rstrip("/")

    @cached_property
    def _credentials(self) -> dict[str, str]:
        """Header of every request; logging in is throttled, so a session is opened once."""
        login, secret = self._connection.login, str(self._connection.password)
        if not login:
            return {"x-api-key": secret}
        given = {"username": login, "password": secret}
        response = call(f"{WHAT} session", "POST", f"{self._base_url}/api/session", json=given)
        self._require(f"{WHAT} session", response.status_code)
        body = body_of(f"{WHAT} session", response)
        if not isinstance(body, dict) or "id" not in body:
            raise BadSourceAnswer(f"{WHAT} session: the answer holds no session")
        return {"X-Metabase-Session": str(body["id"])}


def _user(row: dict[str, Any]) -> User:
    joined = row.get("date_joined")
    moment = datetime.fromisoformat(str(joined).replace("Z", "+00:00")) if joined else None
    return User(moment, bool(row.get("is_active", True)))
