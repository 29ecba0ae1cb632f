"""Leaderboard and impact in a real browser, on a phone and on a desk, from the API as its own process."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.postgres.public_api.conftest import address
from tests.support import browser, clicking
from tests.support.public_api import public_api
from tests.support.warehouse import Warehouse

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(browser.BINARY is None, reason="no chromium on this machine"),
]
PHONE, DESK = (390, 1800), (1280, 1600)
STRANGE = "<img src=x onerror=alert(1)>.eth"


@pytest.fixture(scope="module")
def site(figures: Warehouse) -> Iterator[str]:
    """Address of the API; the first donor has a name that would be markup."""
    with figures.connect() as conn:
        conn.execute(
            "UPDATE experimental_views.allo_gmv_leaderboard_totals SET name = %s WHERE address = %s",
            [STRANGE, address(0)],
        )
    with public_api() as started:
        yield started


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[clicking.Page]:
    with clicking.opened(tmp_path_factory.mktemp("browser"), {}) as page:
        yield page


def test_the_leaderboard_shows_lines_chart_and_the_way_on(site: str, tmp_path: Path) -> None:
    html = browser.dom(f"{site}/leaderboard/", tmp_path)
    assert 'data-state="ready"' in html
    assert html.count("<tr>") == 52
    assert len(re.findall(r"<rect", html)) == 10
    assert "50 addresses shown" in html
    assert re.search(r'<button type="button" id="more">', html)
    assert "<img" not in html
    assert "&lt;img src=x" in html
    assert "$1,000" in html
    _keep(f"{site}/leaderboard/", tmp_path, "leaderboard")


def test_a_shared_address_shows_the_same_view(site: str, tmp_path: Path) -> None:
    html = browser.dom(f"{site}/leaderboard/?role=donor&window=2024&search=per_son11", tmp_path)
    assert "Donors, 2024" in html
    assert "1 address shown for “per_son11”" in html
    assert "per_son110.eth" in html
    assert re.search(r'<button type="button" id="more" hidden="">', html)
    assert "search=per_son11&amp;limit=500&amp;format=csv" in html


def test_an_address_can_be_shared_with_its_ranks(site: str, tmp_path: Path) -> None:
    html = browser.dom(f"{site}/leaderboard/?address={address(7)}", tmp_path)
    [person] = re.findall(r'<dialog id="person"[^>]* open="">.*?</dialog>', html, re.DOTALL)
    assert "seven.eth" in person
    assert person.count("<tr>") == 1 + 3
    assert "$4,444" in person
    assert len(re.findall(r"<rect", person)) == 1


def test_impact_shows_the_figures_of_the_api(site: str, tmp_path: Path) -> None:
    html = browser.dom(f"{site}/impact/", tmp_path)
    assert 'data-state="ready"' in html
    [figures] = requests.get(f"{site}/v1/statistics", timeout=30).json()["rows"]
    shown = dict(re.findall(r'<dd id="(\w+)" title="([^"]*)">', html))
    assert float(re.sub("[$,]", "", shown["total_usd"])) == pytest.approx(figures["total_usd"], abs=0.5)
    assert (shown["donors"], shown["rounds"]) == ("120", "3")
    assert len(re.findall(r'class="part1"', html)) == 1 + 2 + 2 + 2
    assert "GG19 =Core" in html
    _keep(f"{site}/impact/", tmp_path, "impact")


def test_pages_ask_nobody_else(site: str) -> None:
    for path in (
        "leaderboard/",
        "leaderboard/leaderboard.js",
        "leaderboard/bars.js",
        "impact/",
        "impact/impact.js",
    ):
        text = requests.get(f"{site}/{path}", timeout=30).text
        assert "://" not in text.replace("http://www.w3.org/2000/svg", ""), path


@pytest.mark.parametrize("size", [PHONE, DESK])
@pytest.mark.parametrize("name", ["leaderboard", "impact"])
def test_nothing_is_wider_than_the_window(
    site: str, tab: clicking.Page, name: str, size: tuple[int, int]
) -> None:
    tab.size(*size)
    tab.go(f"{site}/{name}/")
    tab.wait_for("document.body.dataset.state === 'ready'")
    assert tab.evaluate("document.documentElement.scrollWidth") <= size[0]


def _keep(url: str, folder: Path, name: str) -> None:
    """A picture on a phone; kept, with one on a desk, where REGENDATA_KEEP_PICTURES names a folder."""
    kept = os.environ.get("REGENDATA_KEEP_PICTURES")
    for width, height in (PHONE, DESK) if kept else (PHONE,):
        picture = browser.picture(url, folder, width, height)
        assert picture.stat().st_size > 15_000
        if kept:
            picture.replace(Path(kept) / f"{name}_{width}.png")
