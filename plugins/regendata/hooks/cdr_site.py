"""The front page of cdr.fyi."""

from __future__ import annotations

from airflow.sdk import BaseHook

from regendata.exceptions import SourceUnavailable
from regendata.sources.cdr.dollars import CONN_ID

URL = "https://cdr.fyi/"
TIMEOUT_S = 30


def fetch_page(conn_id: str = CONN_ID) -> str:
    """The page's HTML; the connection's host is its address.

    :raises SourceUnavailable: no answer, or an HTTP error.
    """
    import requests

    url = BaseHook.get_connection(conn_id).host or URL
    try:
        response = requests.get(url, headers={"User-Agent": "regendata"}, timeout=TIMEOUT_S)
    except requests.RequestException as error:
        raise SourceUnavailable(f"{conn_id}: {type(error).__name__} at {url}") from error
    if not response.ok:
        raise SourceUnavailable(f"{conn_id}: HTTP {response.status_code} at {url}")
    return response.text
