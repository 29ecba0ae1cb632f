"""The public API over HTTP, with a shelf in place of a bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from regendata.api import cdr_market, data_sets, leaderboard, sign_ups, statistics
from regendata.api.app import ROUTERS, build, origins_of
from regendata.api.cdr_market import FRESH_S, RecentlyRead, store_of
from regendata.exceptions import SourceUnavailable
from regendata.settings import Settings
from regendata.sources.cdr.files import DATA_SETS
from regendata.sources.cdr.manifest import FileEntry, Manifest
from regendata.sources.cdr.presign import SignedObject

ORIGIN = "https://www.deepskyclimate.com"
KEY = {"key": "processed/orders_for_viz*"}


def _manifest(day: str) -> Manifest:
    files = {name: FileEntry(one.object_key(day), "ab", 1, 1, one.columns) for name, one in DATA_SETS.items()}
    return Manifest("run", day, "now", "now", files)


@dataclass
class Shelf:
    """A bucket in memory that counts how often it is read."""

    manifest: Manifest | None
    status: bytes | None = None
    reads: int = 0
    broken: bool = False
    bucket: str = "cdr-market-prod"

    def published(self) -> Manifest | None:
        self.reads += 1
        if self.broken:
            raise SourceUnavailable("s3://cdr-market-prod/latest.json: secret host unreachable")
        return self.manifest

    def exists(self, key: str) -> bool:
        return False

    def read(self, key: str) -> bytes | None:
        return self.status

    def sign(self, entry: SignedObject) -> str:
        return f"https://s3.example/{entry.key}"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(_manifest("20261122"))


@pytest.fixture
def client(shelf: Shelf) -> TestClient:
    """The application, its bucket replaced."""
    return _client(shelf)


def _client(shelf: Shelf, **more: Any) -> TestClient:
    app = build(Settings(), **more)
    store = RecentlyRead(shelf)  # type: ignore[arg-type]
    app.dependency_overrides[store_of] = lambda: store
    return TestClient(app, raise_server_exceptions=False)


def test_a_url(client: TestClient) -> None:
    reply = client.get("/presigned-url", params=KEY, headers={"Origin": ORIGIN})
    assert reply.status_code == 200
    assert reply.json()["url"] == "https://s3.example/processed/orders_for_viz_20261122.csv"
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/presigned-url", 400),
        ("/presigned-url?key=", 400),
        ("/presigned-url?key=raw/x*", 404),
        ("/presigned-url?key=processed/latest_deals*&bucket=other", 403),
        ("/presigned-url?key=processed/%2e%2e/raw/x*", 404),
        ("/no-such-page", 404),
        ("/cdr-market/no-such-file.js", 404),
        ("/cdr-market/%2e%2e/%2e%2e/static_data/chains.csv", 404),
    ],
)
def test_what_goes_wrong_is_json_with_a_reason(client: TestClient, path: str, status: int) -> None:
    reply = client.get(path, headers={"Origin": ORIGIN})
    assert reply.status_code == status
    assert set(reply.json()) == {"error"}
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_writing_is_refused(client: TestClient) -> None:
    assert client.post("/presigned-url", params=KEY).status_code == 405


def test_a_preflight(client: TestClient) -> None:
    allowed = client.options("/presigned-url", headers={"Origin": ORIGIN})
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Methods"]) == (200, "GET, OPTIONS")
    foreign = client.options("/presigned-url", headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 200
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_a_bucket_out_of_reach_is_told_without_its_name(shelf: Shelf, client: TestClient) -> None:
    shelf.broken = True
    reply = client.get("/presigned-url", params=KEY)
    assert (reply.status_code, reply.json()) == (503, {"error": "The data cannot be read at the moment"})


def test_status(shelf: Shelf, client: TestClient) -> None:
    assert client.get("/cdr-market/status").json() == {"state": "never run"}
    shelf.status = b'{"state": "failed", "stale_since": "2026-11-20"}'
    assert client.get("/cdr-market/status").json()["stale_since"] == "2026-11-20"


def test_the_page_and_its_library_are_served_from_here(client: TestClient) -> None:
    page = client.get("/cdr-market/")
    assert page.headers["content-type"].startswith("text/html")
    assert "://" not in page.text.replace("http://www.w3.org", "")
    assert client.get("/cdr-market/vendor/chart.umd.min.js").status_code == 200
    assert "MIT License" in client.get("/cdr-market/vendor/chart.LICENSE.md").text


def test_health_asks_nobody(shelf: Shelf, client: TestClient) -> None:
    shelf.broken = True
    assert client.get("/health").json() == {"status": "ok"}
    assert shelf.reads == 0


def test_the_pointer_is_not_read_for_every_request(shelf: Shelf) -> None:
    now = [0.0]
    store = RecentlyRead(shelf, lambda: now[0])  # type: ignore[arg-type]
    store.published()
    shelf.manifest = _manifest("20261123")
    assert store.published() == _manifest("20261122")
    now[0] = FRESH_S
    assert store.published() == _manifest("20261123")
    assert shelf.reads == 2


def test_a_system_adds_itself_with_a_router(shelf: Shelf) -> None:
    router = APIRouter()
    router.add_api_route("/tokens/{number}", lambda number: {"number": number})
    client = _client(shelf, routers=(*ROUTERS, router))
    assert client.get("/tokens/7").json() == {"number": "7"}
    assert client.get("/presigned-url", params=KEY).status_code == 200


def test_every_public_route_is_known_here() -> None:
    """Whatever is added to the public API is looked at by somebody first."""
    routers = (leaderboard.router, statistics.router, data_sets.router, cdr_market.router, sign_ups.router)
    found = {route.path for route in build(Settings(), routers).routes}  # type: ignore[attr-defined]
    assert {path for path in found if not path.startswith("/token-metrics")} == {
        "/openapi.json", "/docs", "/docs/oauth2-redirect", "/health", "/presigned-url", "/cdr-market/status",
        "/cdr-market", "/leaderboard", "/impact", "/v1/leaderboard", "/v1/leaderboard/windows",
        "/v1/leaderboard/addresses/{address}", "/v1/statistics", "/v1/statistics/{part}", "/v1/rounds",
        "/v1/data-sets", "/v1/sign-ups", "/v1/mail-bounces", "/sign-up",
    }  # fmt: skip


def test_origins_are_a_list_in_one_setting() -> None:
    assert origins_of(Settings(public_api_origins=" https://a , https://b,")) == ("https://a", "https://b")
