"""Trouble as a client meets it on the wire, and the endpoints that order it."""

from __future__ import annotations

import time

import pytest
import requests

from sandbox.exceptions import BadTrouble, ServiceNotReady
from sandbox.upstreams.server import StandIns


def version(stand_ins: StandIns) -> requests.Response:
    return requests.get(f"{stand_ins.url}/indexer/version", timeout=10)


def test_version_is_plain_text(stand_ins: StandIns) -> None:
    response = version(stand_ins)
    assert (response.text, response.headers["Content-Type"]) == ("88", "text/plain; charset=utf-8")


def test_advertised_version_lasts_until_the_reset(stand_ins: StandIns) -> None:
    stand_ins.set("indexer", version="89")
    assert version(stand_ins).text == "89"
    stand_ins.reset()
    assert version(stand_ins).text == "88"


def test_status_with_retry_after_a_number_of_times(stand_ins: StandIns) -> None:
    stand_ins.trouble("indexer", status=429, retry_after=2, times=2)
    hurt = [version(stand_ins) for _ in range(2)]
    assert [(response.status_code, response.headers["Retry-After"]) for response in hurt] == [(429, "2")] * 2
    assert version(stand_ins).status_code == 200
    assert stand_ins.ordered()["troubles"] == []


def test_web_page_instead_of_data(stand_ins: StandIns) -> None:
    stand_ins.trouble("indexer", html=True)
    response = version(stand_ins)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.text.startswith("<!doctype html>")


def test_truncated_body_is_whole_for_http(stand_ins: StandIns) -> None:
    stand_ins.trouble("indexer", truncate=True)
    assert version(stand_ins).text == "8"


def test_dropped_connection_ends_before_the_promised_length(stand_ins: StandIns) -> None:
    stand_ins.trouble("indexer", drop=True)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        version(stand_ins)


def test_latency_delays_the_answer(stand_ins: StandIns) -> None:
    stand_ins.trouble("indexer", latency=0.4, times=1)
    start = time.monotonic()
    assert version(stand_ins).text == "88"
    assert time.monotonic() - start >= 0.4


def test_empty_version(stand_ins: StandIns) -> None:
    stand_ins.trouble("indexer", empty=True)
    assert version(stand_ins).text == ""


def test_trouble_keeps_to_its_path_and_upstream(stand_ins: StandIns) -> None:
    stand_ins.trouble("indexer", path="/other*", status=500)
    stand_ins.trouble("dune", status=500)
    assert version(stand_ins).status_code == 200


def test_star_hurts_every_upstream(stand_ins: StandIns) -> None:
    stand_ins.trouble("*", status=503)
    statuses = [
        requests.get(f"{stand_ins.url}/{name}/x", timeout=10).status_code for name in ("indexer", "dune")
    ]
    assert statuses == [503, 503]


def test_requests_are_recorded_per_upstream(stand_ins: StandIns) -> None:
    version(stand_ins)
    requests.get(f"{stand_ins.url}/dune/api/v1/query/1/results?limit=1", timeout=10)
    assert stand_ins.received("dune") == [
        {
            "upstream": "dune",
            "method": "GET",
            "path": "/api/v1/query/1/results",
            "query": "limit=1",
            "status": 401,
        }
    ]
    assert len(stand_ins.received()) == 2


def test_unknown_words_are_refused_with_the_known_ones(stand_ins: StandIns) -> None:
    with pytest.raises(BadTrouble, match=r"unknown trouble latence; known: .*latency"):
        stand_ins.trouble("indexer", latence=3)
    with pytest.raises(BadTrouble, match=r"no upstream indexr; known: .*indexer"):
        stand_ins.trouble("indexr", status=500)
    with pytest.raises(BadTrouble, match="indexer has no setting state; known: version"):
        stand_ins.set("indexer", state="x")


def test_missing_server_is_named_with_the_way_out() -> None:
    with pytest.raises(ServiceNotReady, match="make sandbox"):
        StandIns("http://127.0.0.1:9").reset()
