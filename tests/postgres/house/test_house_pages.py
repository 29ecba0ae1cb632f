"""The pages inside Airflow: closed to strangers, true to the warehouse, bounded whatever the history."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from itertools import product
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import psycopg
import pytest
import requests
from starlette.routing import BaseRoute, Mount

from regendata.api.pages.app import build
from regendata.api.pages.mounted import URL_PREFIX
from regendata.hooks.warehouse.house.reading import reading
from regendata.sources.mev_boost.relays import IN_SERVICE
from sandbox.bootstrap import ANALYST, ANALYSTS, OWNER, WAREHOUSE
from sandbox.history import IN_USE, KEPT, WAITING, write_year
from sandbox.layout import Sandbox
from tests.support import browser, clicking, databases
from tests.support.house import House, house, rows_read, signed_in

pytestmark = pytest.mark.postgres
NEEDS_BROWSER = pytest.mark.skipif(browser.BINARY is None, reason="no chromium on this machine")
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
#: What a page may read of a year with 2,190 refreshes of 20 relations.
MOST_ROWS_READ = 6_000
LARGE_TABLES = ("build_relation", "relation_diff", "check_result")
FILLED = {"{name}": "house.css", "{build_id}": str(IN_USE), "{dag_id}": "rollback"}


@pytest.fixture(scope="module")
def year(postgres_cluster: Sandbox) -> Iterator[str]:
    """Name of a warehouse with a year behind it."""
    with databases.clone(postgres_cluster, WAREHOUSE, OWNER, [ANALYSTS]) as name:
        with psycopg.connect(postgres_cluster.dsn(name, OWNER), autocommit=True) as owner:
            write_year(owner)
        yield name


@pytest.fixture(scope="module")
def airflow(
    year: str, postgres_cluster: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Airflow's API server, which reads that warehouse as an analyst."""
    connection = {"AIRFLOW_CONN_METABASE_DB": postgres_cluster.dsn(year, ANALYST)}
    with house(tmp_path_factory.mktemp("house"), connection) as running:
        yield running


def _paths(routes: list[BaseRoute], prefix: str = URL_PREFIX) -> Iterator[str]:
    """Every address below the mount, those of mounted applications too."""
    for route in routes:
        path = prefix + getattr(route, "path", "")
        if isinstance(route, Mount):
            yield from (path, f"{path}/index.html")
            yield from _paths(route.routes, path)
        else:
            yield path


def _addresses() -> list[str]:
    found = list(_paths(build().routes))
    for name, value in FILLED.items():
        found = [path.replace(name, value) for path in found]
    assert not [path for path in found if "{" in path]
    return found


def test_no_address_answers_without_a_login(airflow: House) -> None:
    addresses = _addresses()
    assert len(addresses) >= 8
    for address in addresses:
        for method in ("GET", "HEAD", "POST"):
            strange = requests.request(method, airflow.url + address, timeout=30, allow_redirects=False)
            assert strange.status_code in (401, 403, 405), f"{method} {address}"
        forged = {"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"}
        assert requests.get(airflow.url + address, headers=forged, timeout=30).status_code in (401, 403)


def test_a_viewer_reads_everything_and_writes_nothing(airflow: House) -> None:
    token = {"Authorization": f"Bearer {airflow.token('viewer')}"}
    for address in _addresses():
        answer = requests.get(airflow.url + address, headers=token, timeout=60)
        assert answer.status_code == 200, address
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            refused = requests.request(method, airflow.url + address, headers=token, timeout=60)
            assert refused.status_code == 405
    started = airflow.ask("/api/v2/dags/rollback/dagRuns", "viewer", "POST")
    assert started.status_code == 403


def test_the_session_of_a_page_cannot_write(
    year: str, postgres_cluster: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_METABASE_DB", postgres_cluster.dsn(year, OWNER))
    with pytest.raises(Exception, match="ReadOnlySqlTransaction"), reading() as conn:
        conn.execute("DELETE FROM meta.publication")


def test_airflow_lists_the_pages(airflow: House) -> None:
    plugins = airflow.ask("/api/v2/plugins", "admin").json()["plugins"]
    views = next(one["external_views"] for one in plugins if one["name"] == "regendata")
    assert [view["url_route"].removeprefix("regendata-") for view in views] == [
        "status", "receipts", "lineage", "coverage", "explain",
    ]  # fmt: skip
    assert airflow.ask("/api/v2/plugins/importErrors", "admin").json()["total_entries"] == 0


def test_what_waits_stands_first_and_nothing_is_markup(airflow: House) -> None:
    html = airflow.ask(f"{URL_PREFIX}/status").text
    assert f'receipts/{WAITING}">Build {WAITING}</a>' in html
    assert "max_fall rows found -40 %" in html
    assert "<b>1</b>" not in html
    assert "manual__%3Cb%3E1" in html
    assert html.index("Waits for a person") < html.index("late: grants") < html.index("Data sets")


def test_a_question_of_any_dag_is_shown_with_the_way_to_its_answer(airflow: House) -> None:
    html = airflow.ask(f"{URL_PREFIX}/status").text
    card = html.partition("Waits for a person")[2].partition("</section>")[0]
    assert "Promote the &lt;b&gt;market&lt;/b&gt; to prod?" in card
    assert "/dags/cdr_market_promote/runs/manual__2/required_actions" in card
    row = html.partition(">cdr_market_promote</a></th>")[2].partition("</tr>")[0]
    assert "waiting" in row


def test_rolling_back_is_offered_for_builds_that_stand(airflow: House) -> None:
    html = airflow.ask(f"{URL_PREFIX}/receipts?system=grants").text
    offered = re.findall(r"run/rollback\?system=grants&amp;build_id=(\d+)", html)
    assert [int(build) for build in offered] == list(KEPT[1:])


def test_pages_of_receipts_follow_without_a_gap(airflow: House) -> None:
    address, seen = f"{URL_PREFIX}/receipts?system=grants", []
    for _ in range(3):
        html = airflow.ask(address).text
        seen += [int(build) for build in re.findall(r'<th scope="row"><a href="[^"]*/receipts/(\d+)"', html)]
        older = re.search(r'rel="next" href="([^"]+)"', html)
        assert older
        address = f"{URL_PREFIX}/receipts{older[1].replace('&amp;', '&')}"
    assert seen == list(range(WAITING, WAITING - len(seen), -1))
    assert len(seen) == 75


@pytest.mark.parametrize(
    "page", ["status", "coverage", "receipts?system=grants", f"receipts/{IN_USE}", "receipts?before=500"]
)
def test_a_year_of_history_is_not_read(
    airflow: House, year: str, postgres_cluster: Sandbox, page: str
) -> None:
    dsn = postgres_cluster.dsn(year)
    before = rows_read(dsn)
    assert airflow.ask(f"{URL_PREFIX}/{page}").status_code == 200
    after = rows_read(dsn)
    read = {name: [b - a for a, b in zip(before[name], after[name], strict=True)] for name in after}
    told = {name: counts for name, counts in read.items() if any(counts)}
    assert sum(sum(counts) for counts in read.values()) < MOST_ROWS_READ, told
    assert {name: read[name][0] for name in LARGE_TABLES} == dict.fromkeys(LARGE_TABLES, 0)


def test_a_gap_of_a_relay_leads_to_the_form_that_fills_it(airflow: House) -> None:
    html = airflow.ask(f"{URL_PREFIX}/coverage?view=relays").text
    forms = re.findall(r'class="button" href="([^"]*/run/mev_boost_backload\?[^"]*)"', html)
    asked = [parse_qs(urlsplit(form.replace("&amp;", "&")).query) for form in forms]
    bids = [one for one in asked if json.loads(one["endpoints"][0]) == ["bids"]]
    assert {json.loads(one["relays"][0])[0] for one in bids} == set(IN_SERVICE)
    for one in bids:
        begin, end = (date.fromisoformat(one[name][0]) for name in ("from", "until"))
        assert (end - begin).days == 2
        assert 29 <= (date.today() - begin).days <= 32


def test_a_chain_that_fell_silent_shows(airflow: House) -> None:
    html = airflow.ask(f"{URL_PREFIX}/coverage?view=chains").text
    day = datetime.now(timezone.utc).date() - timedelta(days=3)
    assert f"Ethereum (1), {day}: 0 donations, 9 on the median day" in html
    assert f"Ethereum (1): {day} <" in html
    assert f"Optimism (10), {day}: 9 donations, 9 on the median day" in html


def test_a_warehouse_that_does_not_answer_is_said_plainly(
    airflow: House, year: str, postgres_cluster: Sandbox
) -> None:
    with psycopg.connect(postgres_cluster.dsn(year, OWNER), autocommit=True) as owner:
        owner.execute("REVOKE USAGE ON SCHEMA meta FROM grants_analyst")
        answer = airflow.ask(f"{URL_PREFIX}/status")
        owner.execute("GRANT USAGE ON SCHEMA meta TO grants_analyst")
    assert answer.status_code == 503
    assert "The warehouse cannot be read" in answer.text
    assert "Traceback" not in answer.text


def test_airflow_decides_who_may_start_what_the_form_sends(airflow: House) -> None:
    address = f"{airflow.url}/api/v2/dags/rollback/dagRuns"
    conf = {"system": "grants", "build_id": KEPT[1], "why": "wrong totals", "ask_before_next_publish": True}
    answers = []
    for user, sent in (("viewer", conf), ("admin", conf | {"why": "x"}), ("admin", conf)):
        token = {"Authorization": f"Bearer {airflow.token(user)}"}
        body = {"logical_date": None, "conf": sent}
        answers.append(requests.post(address, json=body, headers=token, timeout=60).status_code)
    assert answers == [403, 400, 200]
    row = airflow.ask(f"{URL_PREFIX}/status").text.partition(">rollback</a>")[2].partition("</tr>")[0]
    assert "running" in row


@NEEDS_BROWSER
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


@NEEDS_BROWSER
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


@NEEDS_BROWSER
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


@NEEDS_BROWSER
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


@NEEDS_BROWSER
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


@NEEDS_BROWSER
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


@NEEDS_BROWSER
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_a_phone(airflow: House, tab: clicking.Page, name: str) -> None:
    """What is wide scrolls by itself."""
    tab.size(*PHONE)
    tab.go(f"{airflow.url}{URL_PREFIX}/{name}")
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    tab.size(*DESKTOP)
