"""The indexer's HTTP API, of which only ``GET /version`` is used. One fetch for tasks, one for triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regendata.exceptions import BadSourceAnswer, SourceUnavailable
from regendata.sources.indexers import advertised_version

if TYPE_CHECKING:
    import aiohttp

ENDPOINT = "version"
TIMEOUT_S = 15
#: Errors are judged here, so that a message names what came instead of a version.
_OPTIONS = {"check_response": False}


def fetch_version(conn_id: str) -> str:
    """The advertised version, such as ``87``.

    :raises SourceUnavailable: no answer, or an HTTP error.
    :raises BadSourceAnswer: an answer that is no version.
    """
    import requests
    from airflow.providers.http.hooks.http import HttpHook
    from airflow.sdk.exceptions import AirflowException

    hook = HttpHook(method="GET", http_conn_id=conn_id)
    try:
        response = hook.run(ENDPOINT, extra_options={**_OPTIONS, "timeout": TIMEOUT_S})
    except (requests.RequestException, AirflowException) as error:
        raise SourceUnavailable(f"{conn_id}: GET /{ENDPOINT}: {_brief(error)}") from error
    return _read(conn_id, response.status_code, response.text)


async def fetch_version_async(conn_id: str) -> str:
    """The same for the triggerer's event loop."""
    import aiohttp
    from airflow.providers.http.hooks.http import HttpAsyncHook

    hook = HttpAsyncHook(method="GET", http_conn_id=conn_id, retry_limit=1)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            response: aiohttp.ClientResponse = await hook.run(
                session=session, endpoint=ENDPOINT, extra_options=dict(_OPTIONS)
            )
            body = await response.text(errors="replace")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SourceUnavailable(f"{conn_id}: GET /{ENDPOINT}: {_brief(error)}") from error
    return _read(conn_id, response.status, body)


def _read(conn_id: str, status: int, body: str) -> str:
    where = f"{conn_id}: GET /{ENDPOINT}"
    if status >= 500 or status == 429:
        raise SourceUnavailable(f"{where}: HTTP {status}")
    if status >= 400:
        raise BadSourceAnswer(f"{where}: HTTP {status} {body[:60]!r}")
    return advertised_version(body, where)


def _brief(error: BaseException) -> str:
    text = str(error).splitlines()
    return f"{type(error).__name__} {text[0][:200] if text else ''}".strip()
