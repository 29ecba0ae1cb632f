"""Dune: the latest result of a query, without ever running it (running costs credits)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

from regendata.exceptions import BadSourceAnswer, SourceUnavailable
from regendata.sources.dune import CONN_ID

if TYPE_CHECKING:
    from dune_client.models import ResultsResponse

#: Older results make the client run the query again; a century is never.
_NEVER_RUN_HOURS = 24 * 365 * 100


class DuneHook:
    """Talks to the Dune API; the connection's host is the base URL, its password the API key."""

    def __init__(self, conn_id: str = CONN_ID) -> None:
        self.conn_id = conn_id

    def latest_result(self, query_id: int) -> ResultsResponse:
        """All pages of the latest result.

        :raises SourceUnavailable: naming query and HTTP status (401 bad key, 402 no credits, 404, 429, 5xx).
        :raises BadSourceAnswer: an answer without the fields of a result.
        """
        import requests
        from dune_client.client import DuneClient
        from dune_client.models import DuneError

        connection = BaseHook.get_connection(self.conn_id)
        base_url = (connection.host or "https://api.dune.com").rstrip("/")
        client = DuneClient(connection.password or "", base_url=base_url, request_timeout=60)
        try:
            return client.get_latest_result(query_id, max_age_hours=_NEVER_RUN_HOURS)
        except (DuneError, KeyError, TypeError, AssertionError, requests.JSONDecodeError) as error:
            raise BadSourceAnswer(
                f"Dune query {query_id}: the answer is no result: {type(error).__name__} {error}"
            ) from error
        except requests.HTTPError as error:
            raise SourceUnavailable(
                f"Dune query {query_id}: HTTP {error.response.status_code} {error.response.text[:200]}"
            ) from error
        except requests.RequestException as error:
            raise SourceUnavailable(f"Dune query {query_id}: {type(error).__name__} at {base_url}") from error
        except ValueError as error:
            raise BadSourceAnswer(f"Dune query {query_id}: the answer is not JSON") from error
