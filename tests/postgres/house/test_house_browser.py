"""The pages inside Airflow in a browser: what a click does, what keys reach, how wide they are."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from regendata.api.pages.mounted import URL_PREFIX
from sandbox.history import IN_USE, KEPT
from tests.support import browser, clicking
from tests.support.house import House, signed_in

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(browser.BINARY is None, reason="no chromium on this machine"),
]
PHONE, DESKTOP = (390, 1600), (1280, 1400)
PAGES = (
    "status",
    "receipts",
    f"receipts/{IN_USE}",
    "lineage",
    "coverage",
    "coverage?view=chains",
    "explain",
    "run/rollback?system=grants&build_id=7",
)


def test_pages_are_drawn_at_both_widths(airflow: House, tmp_path: Path) -> None:
    """Every page at both widths where REGENDATA_KEEP_PICTURES names a folder, for somebody to look at."""
    kept = os.environ.get("REGENDATA_KEEP_PICTURES")
    wanted = list(product(PAGES, (PHONE, DESKTOP))) if kept else [("lineage", PHONE), ("status", DESKTOP)]
    with signed_in(airflow, "admin") as address:
        for page, size in wanted:
            picture = browser.picture(f"{address}{URL_PREFIX}/{page}", tmp_path, *size)
            assert picture.stat().st_size > 10_000
            if kept:
                picture.replace(Path(kept) / f"{re.split('[?/]', page)[0]}-{len(page)}-{size[0]}.png")


@pytest.fixture(scope="module")
def tab(airflow: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[clicking.Page]:
    """A browser in which an administrator is signed in."""
    login = {"Authorization": f"Bearer {airflow.token('admin')}"}
    with clicking.opened(tmp_path_factory.mktemp("browser"), login) as page:
        page.size(*DESKTOP)
        yield page
        assert {urlsplit(url).hostname for url in page.requested if url.startswith("http")} == {"127.0.0.1"}
        assert page.troubles == []


def test_one_click_leads_from_a_receipt_to_the_form_of_the_rollback(
    airflow: House, tab: clicking.Page
) -> None:
    tab.go(f"{airflow.url}{URL_PREFIX}/receipts/{KEPT[1]}")
    tab.click("a.button[href*='/run/rollback']")
    tab.wait_for("document.querySelector('#run button.primary') !== null")
    fields = (
        "[...document.querySelectorAll('#run [name]')].map((one) => [one.name, one.dataset.types, one.value])"
    )
    assert tab.evaluate(fields) == [
        ["system", "string", "grants"],
        ["build_id", "integer", str(KEPT[1])],
        ["why", "string", ""],
        ["ask_before_next_publish", "boolean", "on"],
    ]


def test_the_form_starts_a_run(airflow: House, tab: clicking.Page) -> None:
    tab.go(f"{airflow.url}{URL_PREFIX}/run/rollback?system=grants&build_id={KEPT[1]}")
    tab.wait_for("document.querySelector('#run button.primary') !== null")
    tab.click("#run button.primary")
    assert tab.evaluate("document.querySelector('output').textContent") == ""
    tab.click("input[name=why]")
    tab.call("Input.insertText", text="wrong totals")
    tab.click("#run button.primary")
    tab.wait_for("document.querySelector('output.done a') !== null")
    run_id = tab.evaluate("document.querySelector('output.done a').textContent")
    run = airflow.ask(f"/api/v2/dags/rollback/dagRuns/{quote(run_id)}").json()
    assert (run["conf"]["build_id"], run["conf"]["why"]) == (KEPT[1], "wrong totals")


def test_a_click_on_a_gap_fills_the_form(airflow: House, tab: clicking.Page) -> None:
    tab.go(f"{airflow.url}{URL_PREFIX}/coverage?view=relays")
    tab.click("svg.heat a[aria-label*='0 of 7,200 slots']")
    tab.wait_for("document.querySelector('#run input[name=from]') !== null")
    begin, end, relays = (
        tab.evaluate(f"document.querySelector('#run [name={name}]').value")
        for name in ("from", "until", "relays")
    )
    assert (date.fromisoformat(end) - date.fromisoformat(begin)).days == 1
    assert len(json.loads(relays)) == 1


def test_a_click_on_a_box_of_the_lineage_shows_it(airflow: House, tab: clicking.Page) -> None:
    tab.go(f"{airflow.url}{URL_PREFIX}/lineage")
    whole = tab.evaluate("document.getElementById('graph').getAttribute('viewBox')")
    tab.click("button[data-zoom=in]")
    assert tab.evaluate("document.getElementById('graph').getAttribute('viewBox')") != whole
    tab.click("button[data-zoom=fit]")
    tab.click("#graph a[href*='at=public.donations'] rect")
    tab.wait_for("document.querySelector('#panel h2')?.textContent.startsWith('public.donations')")
    panel = tab.evaluate("document.getElementById('panel').textContent")
    assert "EIP-155 id of the chain." in panel
    assert f"build {IN_USE}" in panel


@pytest.mark.parametrize("name", [page for page in PAGES if not page.startswith("run")])
def test_keys_alone_reach_everything(airflow: House, tab: clicking.Page, name: str) -> None:
    """The first key leads past the navigation; then each link and field gets the focus, and shows it."""
    tab.go(f"{airflow.url}{URL_PREFIX}/{name}")
    tab.press("Tab", 9)
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.press("Enter", 13, "\r")
    assert tab.evaluate("document.activeElement.id") == "main"
    reach = (
        "[...document.querySelectorAll('main a, main button, main input, main select, main summary')]"
        ".filter((one) => one.checkVisibility() && one.tabIndex < 0).length"
    )
    assert tab.evaluate(reach) == 0
    tab.press("Tab", 9)
    assert tab.evaluate(
        "document.activeElement.matches('main *') && document.activeElement.matches(':focus-visible')"
    )


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_a_phone(airflow: House, tab: clicking.Page, name: str) -> None:
    """What is wide scrolls by itself."""
    tab.size(*PHONE)
    tab.go(f"{airflow.url}{URL_PREFIX}/{name}")
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    tab.size(*DESKTOP)
