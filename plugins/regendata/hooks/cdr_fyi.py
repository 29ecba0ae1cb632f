"""cdr.fyi's API: one page of a table per request, pages asked for by header."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

from regendata.exceptions import BadSourceAnswer, SourceUnavailable
from regendata.hooks.throttle import Throttle
from regendata.sources.cdr.paging import PAGE_ROWS
from regendata.sources.cdr.tables import CONN_ID, Item, Table, items_in

if TYPE_CHECKING:
    import requests

BASE_URL = "https://api.cdr.fyi/v1"
TIMEOUT_S = 30
#: Times a request is made again after 429, each after the pause the server asks for.
PATIENT_TRIES = 3
LONGEST_PAUSE_S = 120.0
TOO_MANY = 429


class CdrFyiHook:
    """Reads tables; the connection's host is the base URL, its password the token."""

    def __init__(self, throttle: Throttle, conn_id: str = CONN_ID) -> None:
        self.throttle = throttle
        self.conn_id = conn_id

    def page(self, table: Table, number: int) -> list[Item]:
        """Rows of a page, from 1; none behind the last.

        :raises SourceUnavailable: naming table, page and HTTP status.
        :raises BadSourceAnswer: an answer that is no page.
        """
        where = f"cdr.fyi {table.name}, page {number}"
        response = self._get(table, number, where)
        if not response.ok:
            raise SourceUnavailable(f"{where}: HTTP {response.status_code} {response.text[:200]!r}")
        try:
            return items_in(table, response.json())
        except ValueError as error:
            raise BadSourceAnswer(f"{where}: the answer is not JSON: {response.text[:60]!r}") from error

    def _get(self, table: Table, number: int, where: str) -> requests.Response:
        import requests

        headers = {"x-page": str(number), "x-limit": str(PAGE_ROWS)}
        for left in range(PATIENT_TRIES, -1, -1):
            self.throttle.turn()
            try:
                response = self._session.get(
                    f"{self._base_url}/{table.name}", headers=headers, timeout=TIMEOUT_S
                )
            except requests.RequestException as error:
                raise SourceUnavailable(f"{where}: {type(error).__name__} at {self._base_url}") from error
            if response.status_code != TOO_MANY or not left:
                break
            self.throttle.sleep(_pause_s(response.headers.get("Retry-After")))
        return response

    @cached_property
    def _base_url(self) -> str:
        return (BaseHook.get_connection(self.conn_id).host or BASE_URL).rstrip("/")

    @cached_property
    def _session(self) -> requests.Session:
        import requests

        session = requests.Session()
        token = BaseHook.get_connection(self.conn_id).password or ""
        session.headers.update({"Authorization": f"Bearer {token}", "User-Agent": "regendata"})
        return session


def _pause_s(retry_after: str | None) -> float:
    """Seconds the server asks for; a minute where it names none, as its shorter limit counts minutes."""
    text = (retry_after or "").strip()
    return min(float(text), LONGEST_PAUSE_S) if text.isdecimal() else 60.0
