"""The pages inside Airflow: closed to strangers, true to the warehouse, bounded whatever the history."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import requests
from starlette.routing import BaseRoute, Mount

from regendata.api.pages.app import build
from regendata.api.pages.mounted import URL_PREFIX
from regendata.hooks.warehouse.house.reading import reading
from regendata.sources.mev_boost.relays import IN_SERVICE
from sandbox.bootstrap import OWNER
from sandbox.history import IN_USE, KEPT, WAITING
from sandbox.layout import Sandbox
from tests.support.house import House, rows_read

pytestmark = pytest.mark.postgres
#: What a page may read of a year with 2,190 refreshes of 20 relations.
MOST_ROWS_READ = 6_000
LARGE_TABLES = ("build_relation", "relation_diff", "check_result")
FILLED = {"{name}": "house.css", "{build_id}": str(IN_USE), "{dag_id}": "rollback"}


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


@pytest.mark.parametrize("page", ["status", "receipts?system=grants", f"receipts/{IN_USE}"])
def test_counts_that_are_estimates_say_so(airflow: House, page: str) -> None:
    html = airflow.ask(f"{URL_PREFIX}/{page}").text
    assert 'title="estimated from 12.5% of the rows that may differ"><span class="soft">about</span>' in html


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
