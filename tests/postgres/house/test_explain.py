"""*Explain* and *Coverage* of published grants; who may see them is tested elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from regendata.api.pages.app import build
from regendata.api.pages.explanations import EXPLAINERS
from regendata.api.pages.explanations.rounds import FIGURES, RELATION
from regendata.api.pages.security import SIGNED_IN
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import chain_days
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
LARGEST = """
SELECT "Chain ID", "Round ID", {figure} FROM public.round_totals AS total
WHERE EXISTS (
  SELECT FROM public.donations AS given
  WHERE given.chain_id::text = total."Chain ID" AND given.round_id = total."Round ID"
) ORDER BY "Total USD" DESC LIMIT 1
"""


@pytest.fixture
def pages(refreshed: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("AIRFLOW_CONN_METABASE_DB", refreshed.dsn())
    app = build()
    app.dependency_overrides[SIGNED_IN.dependency] = lambda: None
    with TestClient(app) as client:
        yield client


def _facts(html: str) -> dict[str, str]:
    return dict(re.findall(r"<div><dt>(.*?)</dt><dd>(.*?)</dd></div>", html))


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def test_every_figure_of_a_round_is_what_its_formula_gives(pages: TestClient, refreshed: Warehouse) -> None:
    for figure in FIGURES:
        chain, round_id, published = refreshed.rows(LARGEST.format(figure=f'"{figure}"'))[0]
        html = pages.get("/explain", params={"chain": chain, "round": round_id, "figure": figure}).text
        facts = _facts(html)
        assert _number(facts["Published"]) == pytest.approx(float(published), abs=0.01)
        assert facts["As the indexer has the round"] == facts["Published"]
    given = refreshed.value(
        "SELECT count(DISTINCT donor_address) FROM public.donations WHERE chain_id = %s AND round_id = %s",
        [int(chain), round_id],
    )
    assert _number(facts["Added up from its rows"]) == given > 0
    assert f"SQL of {RELATION}" in html
    assert re.search(r'by <a href="/receipts/\d+">build \d+</a>', html)
    assert re.search(r"<li>indexer, version 8\d, as of 20", html)
    # Totals of rounds read no archive of ENS names.
    assert "ens_names" not in html


def test_examples_lead_to_their_own_explanation(pages: TestClient) -> None:
    html = pages.get("/explain").text
    examples = re.findall(r'<td><a href="(\?of=rounds[^"]+)">', html)
    assert len(examples) > 3
    found = pages.get(f"/explain{examples[0].replace('&amp;', '&')}").text
    assert "Published" in _facts(found)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"chain": "10", "round": "<b>none"}, "No round &lt;b&gt;none on chain 10 was published."),
        ({"chain": "x", "round": "1"}, "No round 1 on chain x was published."),
        ({"chain": "9" * 30, "round": "1"}, "was published."),
    ],
)
def test_what_is_no_round_is_said_so(pages: TestClient, asked: dict[str, str], told: str) -> None:
    answer = pages.get("/explain", params=asked)
    assert answer.status_code == 200
    assert told in answer.text


def test_systems_to_choose_from_are_those_of_the_registry(pages: TestClient) -> None:
    html = pages.get("/explain").text
    offered = re.search(r'<select name="of">(.*?)</select>', html)
    assert offered
    assert re.findall(r"<option[^>]*>(\w+)", offered[1]) == list(EXPLAINERS)
    assert pages.get("/explain?of=nobody").status_code == 404


def test_days_of_chains_are_counted_once_per_build(refreshed: Warehouse) -> None:
    with connect() as conn:
        chain_days.keep(conn, "grants")
        counted = "SELECT chain_id, day, row_count FROM meta.chain_day ORDER BY 1, 2"
        found = refreshed.rows(counted)
        conn.execute("UPDATE meta.chain_day SET row_count = row_count + 1")
        conn.execute("INSERT INTO meta.chain_day VALUES ('build_0.gone', 1, '2026-01-01', 1)")
        chain_days.keep(conn, "grants")
        chain_days.keep(conn, "token_metrics")
    assert found == refreshed.rows(
        "SELECT chain_id, (timestamp AT TIME ZONE 'UTC')::date, count(*) FROM public.donations "
        "GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert [row[2] - 1 for row in refreshed.rows(counted)] == [row[2] for row in found]
