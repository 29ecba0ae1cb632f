"""`GET /version` over the wire: by tasks and by triggers, with the same verdicts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from regendata.exceptions import BadSourceAnswer, SourceUnavailable
from regendata.hooks import indexer_api as api
from tests.unit.hooks.upstream import Answer, Upstream

CONN_ID = "indexer_api"
Fetch = Callable[[str], str]


@pytest.fixture(params=["task", "trigger"])
def fetch(request: pytest.FixtureRequest) -> Fetch:
    """Both ways of asking."""
    if request.param == "task":
        return api.fetch_version
    return lambda conn_id: asyncio.run(api.fetch_version_async(conn_id))


@pytest.mark.parametrize("body", [b"87", b"87\n", b"  87\r\n"])
def test_a_version(indexer_api: Upstream, fetch: Fetch, body: bytes) -> None:
    indexer_api.answer = Answer(body=body)
    assert fetch(CONN_ID) == "87"
    assert indexer_api.asked == ["/indexer/version"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(body=b""), "instead of a version number"),
        (Answer(body=b"<html><h1>Welcome</h1></html>", headers={"Content-Type": "text/html"}), "<html>"),
        (
            Answer(body=b'{"version":87}', headers={"Content-Type": "application/json"}),
            "instead of a version",
        ),
        (Answer(body=b"\xff\xfe87"), "instead of a version number"),
        (Answer(status=401, body=b"who are you"), "HTTP 401 'who are you'"),
        (Answer(status=404, body=b"<html>" + b"x" * 5000), "HTTP 404 '<html>x+'$"),
    ],
)
def test_an_answer_that_is_no_version(
    indexer_api: Upstream, fetch: Fetch, answer: Answer, message: str
) -> None:
    indexer_api.answer = answer
    with pytest.raises(BadSourceAnswer, match=f"^indexer_api: GET /version.*{message}") as bad:
        fetch(CONN_ID)
    assert len(str(bad.value)) < 200


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_trouble_that_may_pass(indexer_api: Upstream, fetch: Fetch, status: int) -> None:
    indexer_api.answer = Answer(status=status, body=b"<html>Bad Gateway</html>")
    with pytest.raises(SourceUnavailable, match=f"^indexer_api: GET /version: HTTP {status}$") as trouble:
        fetch(CONN_ID)
    assert not isinstance(trouble.value, BadSourceAnswer)


def test_an_answer_cut_off(indexer_api: Upstream, fetch: Fetch) -> None:
    indexer_api.answer = Answer(body=b"8", length=100)
    with pytest.raises(SourceUnavailable, match=r"^indexer_api: GET /version: "):
        fetch(CONN_ID)


def test_nobody_listens(indexer_api: Upstream, fetch: Fetch) -> None:
    indexer_api.shutdown()
    indexer_api.server_close()
    with pytest.raises(SourceUnavailable, match=r"^indexer_api: GET /version: .*Conn"):
        fetch(CONN_ID)


def test_no_answer_in_time(indexer_api: Upstream, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "TIMEOUT_S", 0.2)
    indexer_api.answer = Answer(body=b"87", wait=threading.Event())
    with pytest.raises(SourceUnavailable, match=r"^indexer_api: GET /version: .*Timeout"):
        fetch(CONN_ID)
