"""CoinMarketCap: prices of listed assets, by rank."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

from regendata.exceptions import BadSourceAnswer, SourceUnavailable
from regendata.sources.token_metrics.prices import (
    CONN_ID,
    PAGE_COINS,
    WHAT,
    Listing,
    check_status,
    to_listings,
)

if TYPE_CHECKING:
    import requests

ENDPOINT = "/v1/cryptocurrency/listings/latest"
BASE_URL = "https://pro-api.coinmarketcap.com"
TIMEOUT_S = 30
#: Waits for a limit to pass are cut here; the task's own retries go on from there.
LONGEST_PAUSE_S = 60
ATTEMPTS = 3
#: Codes in the body for calls per minute, of a key and of an address; 1009 and 1010 are of a day and a month.
MINUTE_LIMITS = {"1008", "1011"}

log = logging.getLogger(__name__)


class CoinMarketCapHook:
    """Talks to CoinMarketCap; the connection's host is the base URL, its password the API key."""

    def __init__(self, conn_id: str = CONN_ID) -> None:
        self.conn_id = conn_id

    def listings(self, coins: int) -> list[Listing]:
        """The first ``coins`` assets by rank, each id once: ranks may move between two pages.

        :raises SourceUnavailable: naming HTTP status, or the code in the body.
        :raises BadSourceAnswer: an answer unlike its format.
        """
        found: dict[int, Listing] = {}
        for start in range(1, coins + 1, PAGE_COINS):
            page = list(to_listings(self._page(start, min(PAGE_COINS, coins - start + 1))))
            found.update((listing.id, listing) for listing in page)
            if len(page) < PAGE_COINS:
                break
        return list(found.values())

    def _page(self, start: int, limit: int) -> dict[str, Any]:
        for attempt in range(1, ATTEMPTS + 1):
            response = self._get({"start": start, "limit": limit, "convert": "USD"})
            if attempt == ATTEMPTS or not _passes_soon(response):
                break
            pause = _pause_s(response.headers.get("Retry-After"), attempt)
            log.info("%s: limit reached, going on in %s s", WHAT, pause)
            time.sleep(pause)
        return _body(response)

    def _get(self, parameters: dict[str, str | int]) -> requests.Response:
        import requests

        connection = BaseHook.get_connection(self.conn_id)
        base_url = (connection.host or BASE_URL).rstrip("/")
        headers = {"X-CMC_PRO_API_KEY": connection.password or "", "Accept": "application/json"}
        try:
            return requests.get(base_url + ENDPOINT, params=parameters, headers=headers, timeout=TIMEOUT_S)
        except requests.RequestException as error:
            raise SourceUnavailable(f"{WHAT}: {type(error).__name__} at {base_url}") from error


def _passes_soon(response: requests.Response) -> bool:
    """Whether a limit was reached, and not the one of a day or a month. The code may come with any status."""
    code = _status(_json(response)).get("error_code")
    return str(code) in MINUTE_LIMITS if code else response.status_code == 429


def _body(response: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer; an error's own words go into the message."""
    body = _json(response)
    if response.status_code >= 400:
        status = _status(body)
        code, words = status.get("error_code"), status.get("error_message")
        told = f", error {code}: {words}" if code else ""
        raise SourceUnavailable(f"{WHAT}: HTTP {response.status_code}{told}")
    if body is None:
        raise BadSourceAnswer(f"{WHAT}: the answer is not JSON")
    check_status(body)
    return dict(body)


def _json(response: requests.Response) -> Any:
    """None for what is no JSON."""
    try:
        return response.json()
    except ValueError:
        return None


def _status(body: Any) -> Mapping[str, Any]:
    status = body.get("status") if isinstance(body, Mapping) else None
    return status if isinstance(status, Mapping) else {}


def _pause_s(retry_after: str | None, attempt: int) -> int:
    """Seconds that the answer asks for, else longer each time; never more than a minute."""
    asked = int(retry_after) if retry_after and retry_after.isdecimal() else 2**attempt
    return min(asked, LONGEST_PAUSE_S)
