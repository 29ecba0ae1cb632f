"""Requests about people: neither address nor body of a request, nor the answer's words, reach an error."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import requests
from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from regendata.exceptions import BadSourceAnswer, SourceBusy, SourceUnavailable

TIMEOUT_S = 30
LONGEST_PAUSE_S = 3_600


def connection_of(conn_id: str) -> Connection:
    """A connection of Airflow.

    :raises SourceUnavailable: there is none; whoever waits for it goes on once there is.
    """
    try:
        return BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        raise SourceUnavailable(f"Airflow has no connection {conn_id}") from None


def call(what: str, method: str, url: str, **content: Any) -> requests.Response:
    """One request, its answer whatever the status, unless that says to come again.

    :param what: said in errors in place of the URL.
    :raises SourceUnavailable: no answer, or an HTTP error of the 500s. What was asked for may have happened.
    :raises SourceBusy: too many requests.
    """
    try:
        response = requests.request(method, url, timeout=TIMEOUT_S, **content)
    except requests.RequestException as error:
        # Its text holds the URL, and a chained error would be printed below this one.
        raise SourceUnavailable(f"{what}: {type(error).__name__}") from None
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        raise SourceBusy(f"{what}: HTTP 429", pause_s(response.headers.get("Retry-After")))
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise SourceUnavailable(f"{what}: HTTP {response.status_code}")
    return response


def body_of(what: str, response: requests.Response) -> Any:
    """JSON of an answer.

    :raises BadSourceAnswer: it is something else.
    """
    from decimal import Decimal

    try:
        return response.json(parse_float=Decimal)
    except requests.JSONDecodeError:
        raise BadSourceAnswer(f"{what}: HTTP {response.status_code}, the answer is not JSON") from None


def pause_s(retry_after: str | None) -> int:
    """Seconds an answer asks for, an hour at most; 0 when it names none."""
    return min(int(retry_after), LONGEST_PAUSE_S) if retry_after and retry_after.isdecimal() else 0
