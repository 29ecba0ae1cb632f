"""The leaderboard: whole, page by page, searched, as CSV; and what does not change is not sent twice."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.postgres.public_api.conftest import PEOPLE, address
from tests.support import published_figures
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
BOARD = "/v1/leaderboard"


def pages(api: TestClient, **parameters: Any) -> list[dict[str, Any]]:
    """All rows, as a client reads them that follows `next`."""
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        asked = parameters | ({"cursor": cursor} if cursor else {})
        body = api.get(BOARD, params=asked).json()
        rows += body["rows"]
        cursor = body["next"]
        if cursor is None:
            return rows


@pytest.mark.parametrize("limit", [1, 7, 60, 119, 120, 500])
def test_pages_are_the_whole_in_order_without_doubles(api: TestClient, limit: int) -> None:
    if limit == 1:
        body = api.get(BOARD, params={"limit": 1}).json()
        assert [row["rank"] for row in body["rows"]] == [1]
        return
    rows = pages(api, limit=limit)
    assert [row["rank"] for row in rows] == list(range(1, PEOPLE + 1))
    assert [row["gmv"] for row in rows] == sorted((row["gmv"] for row in rows), reverse=True)
    assert {row["address"] for row in rows} == {address(number) for number in range(PEOPLE)}


def test_a_page_tells_what_it_shows_and_how_old_it_is(api: TestClient) -> None:
    reply = api.get(BOARD, params={"role": "donor", "window": "2024", "limit": 2})
    body = reply.json()
    assert (body["role"], body["window"]) == ("donor", "2024")
    assert body["rows"][0] == {
        "rank": 1, "address": address(0), "name": "per_son0.eth", "gmv": 500.0, "events": 1,
        "first_at": "2024-01-01T00:00:00Z", "last_at": "2024-02-01T00:00:00Z",
    }  # fmt: skip
    assert reply.headers["X-Data-As-Of"] == "2026-03-01T04:00:00Z"
    assert reply.headers["Cache-Control"] == "public, max-age=60"
    assert body["as_of"].startswith("2026-03-01T04:00:00")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("per_son", PEOPLE // 10),
        ("PER_SON11", 1),
        ("son110.eth", 1),
        ("perXson", 0),
        ("per%", 0),
        ("0x" + "0" * 39, 16),
        ("0X" + "0" * 39 + "A", 1),
        ("' OR true --", 0),
        ("\\\\\\", 0),
    ],
)
def test_search_finds_names_and_addresses_letter_by_letter(api: TestClient, search: str, found: int) -> None:
    rows = pages(api, search=search, limit=5)
    assert len(rows) == found
    wanted = search.lower()
    assert all(wanted in (row["name"] or "") or row["address"].startswith(wanted) for row in rows)


def test_one_address_in_all_windows_and_roles(api: TestClient) -> None:
    upper = "0X" + address(7)[2:].upper()
    body = api.get(f"{BOARD}/addresses/{upper}").json()
    found = {(row["time_window"], row["role"]): (row["rank"], row["gmv"]) for row in body["rows"]}
    assert body["address"] == address(7)
    assert found == {
        ("all", "grantee"): (1, 4444.25),
        ("2024", "donor"): (8, 493.0),
        ("all", "donor"): (7, 997.0),
    }
    assert [row["time_window"] for row in body["rows"]] == ["all", "all", "2024"]


def test_windows_are_those_with_lines(api: TestClient) -> None:
    body = api.get(f"{BOARD}/windows").json()
    assert body["rows"] == [{"window": "all"}, {"window": "2024"}]
    assert body["roles"] == ["donor", "grantee", "round_operator", "contract_dev"]


def test_csv_holds_the_same_rows(api: TestClient) -> None:
    reply = api.get(BOARD, params={"limit": 30, "format": "csv"})
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(reply.text)))
    rows = api.get(BOARD, params={"limit": 30}).json()["rows"]
    assert [line["address"] for line in table] == [row["address"] for row in rows]
    assert [line["last_at"] for line in table] == [row["last_at"] for row in rows]


def test_what_a_client_has_is_not_sent_again_until_something_is_published(
    api: TestClient, figures: Warehouse
) -> None:
    first = api.get(BOARD)
    tag = first.headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        again = api.get(BOARD, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    other = {api.get(BOARD, params=given).headers["ETag"] for given in ({"limit": 3}, {"format": "csv"})}
    assert len(other | {tag}) == 3
    published_figures.publish(figures)
    api.app.state.published_answers._looked_at = 0.0  # type: ignore[attr-defined]
    fresh = api.get(BOARD, headers={"If-None-Match": tag})
    assert fresh.status_code == 200
    assert fresh.headers["ETag"] != tag


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("role=whale", "role"),
        ("window=yesterday", "window"),
        ("window=1999", "window"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=many", "limit"),
        ("search=ab", "search"),
        ("cursor=nonsense", "cursor"),
        ("cursor=W10%3D", "cursor"),
        ("cursor=WyJOYU4iLCAiMHgxIl0%3D", "cursor"),
        ("cursor=WzEsICJcdTAwMDAiXQ%3D%3D", "cursor"),
        ("format=xml", "format"),
    ],
)
def test_a_question_that_cannot_be_answered_is_a_problem_that_names_it(
    api: TestClient, query: str, named: str
) -> None:
    reply = api.get(f"{BOARD}?{query}")
    body = reply.json()
    assert (reply.status_code, body["status"], body["title"]) == (400, 400, "Bad Request")
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert body["detail"].startswith(named)


def test_a_zero_byte_is_refused_and_not_sent_to_the_database(api: TestClient) -> None:
    reply = api.get(BOARD, params={"search": "abc\x00"})
    assert reply.status_code == 400
    assert reply.json()["detail"].startswith("search")


def test_no_such_address_is_told_apart_from_an_address_without_events(api: TestClient) -> None:
    assert api.get(f"{BOARD}/addresses/vitalik.eth").status_code == 400
    empty = api.get(f"{BOARD}/addresses/{address(10**6)}")
    assert (empty.status_code, empty.json()["rows"]) == (200, [])
    unknown = api.get("/v1/nothing-here")
    assert (unknown.status_code, unknown.json()["status"]) == (404, 404)
