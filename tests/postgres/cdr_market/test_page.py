"""The public API as a process of its own, and the page in a real browser, on files published by a run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from regendata.sources.cdr.files import DATA_SETS
from tests.support import browser
from tests.support.cdr_market import Market
from tests.support.public_api import public_api

pytestmark = pytest.mark.postgres
ORIGIN = "https://www.deepskyclimate.com"
NAMES_ITS_BROWSER = pytest.mark.skipif(browser.BINARY is None, reason="no chromium on this machine")
PHONE, DESKTOP = (390, 3000), (1280, 1900)


@pytest.fixture
def api(yesterday: Market) -> Iterator[str]:
    """Address of the API, which serves what a run has published in test."""
    with public_api({"REGENDATA_PUBLIC_API_CDR_ENV": "test"}) as address:
        yield address


def test_every_file_is_read_through_its_url(api: str, yesterday: Market) -> None:
    """Type, disposition and bytes as S3 sends them; who asks from elsewhere gets no leave to read."""
    for name in DATA_SETS:
        reply = requests.get(
            f"{api}/presigned-url",
            params={"key": f"processed/{name}*"},
            headers={"Origin": ORIGIN},
            timeout=30,
        )
        assert reply.status_code == 200
        assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
        content = requests.get(reply.json()["url"], timeout=30)
        assert content.headers["Content-Type"].startswith("text/csv")
        assert content.headers["Content-Disposition"].startswith("inline")
        assert content.content.decode() == yesterday.text(name)
    foreign = requests.get(f"{api}/health", headers={"Origin": "https://evil.example"}, timeout=30)
    assert "Access-Control-Allow-Origin" not in foreign.headers
    missing = requests.get(f"{api}/presigned-url", params={"key": "raw/cdr_fyi_orders*"}, timeout=30)
    assert (missing.status_code, set(missing.json())) == (404, {"error"})


@NAMES_ITS_BROWSER
def test_the_page_shows_the_market_at_every_width(api: str, yesterday: Market, tmp_path: Path) -> None:
    """All charts have their data, figures are those of the files, and the choice of methods changes them."""
    page = f"{api}/cdr-market/"
    last = yesterday.text("orders_for_viz").splitlines()[-1].split(",")
    whole = browser.dom(page, tmp_path)
    assert 'data-state="ready"' in whole
    assert "Not available" not in whole
    assert _figure(whole, "purchased") == _compact(float(last[1]))
    only_dac = browser.dom(f"{page}?methods=dac", tmp_path)
    assert _figure(only_dac, "purchased") == _compact(float(last[3]))
    deals = yesterday.text("latest_deals").splitlines()[1:]
    assert len(re.findall(r"<li>", whole)) == len(deals)
    for width, height in (PHONE, DESKTOP):
        picture = browser.picture(page, tmp_path, width, height)
        assert picture.stat().st_size > 40_000
    kept = os.environ.get("REGENDATA_KEEP_PICTURES")
    if kept:
        for path in tmp_path.glob("*.png"):
            path.replace(Path(kept) / path.name)


def _figure(html: str, name: str) -> str:
    found = re.search(rf'<dd id="{name}">([^<]*)</dd>', html)
    assert found is not None
    return found[1]


def _compact(value: float) -> str:
    """As the page writes it: 415.4K."""
    for limit, sign in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= limit:
            return f"{value / limit:.1f}".removesuffix(".0") + sign
    return f"{value:.1f}".removesuffix(".0")
