"""Headline figures, their parts, rounds and data sets; and what strangers cannot do."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from regendata.api.app import build
from regendata.api.sessions import Sessions
from regendata.exceptions import SourceUnavailable
from regendata.hooks.warehouse import statistics
from regendata.settings import Settings
from tests.postgres.public_api.conftest import address
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
ADDRESS = f"/v1/leaderboard/addresses/{address(7)}"


def rows(api: TestClient, path: str, **parameters: Any) -> list[dict[str, Any]]:
    reply = api.get(path, params=parameters)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["rows"]
    return found


def test_headline_figures(api: TestClient) -> None:
    [programs] = rows(api, "/v1/statistics")
    assert (programs["total_usd"], programs["crowdfunding_usd"], programs["matching_usd"]) == (
        4150.5,
        1800,
        2350.5,
    )
    assert (programs["rounds"], programs["programs"], programs["donations"]) == (3, 2, 30)
    assert (programs["donors"], programs["grantees"], programs["gmv_usd"]) == (120, 1, 4444.25)
    [everything] = rows(api, "/v1/statistics", rounds="all")
    assert (everything["total_usd"], everything["rounds"]) == (4190.5, 4)


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ("program", ["Outside of programs", "GG19", "GG20"]),
        ("chain", ["Arbitrum", "Optimism", "Base"]),
        ("year", ["2023", "2024", "2025"]),
        ("strategy", ["Allo QF"]),
    ],
)
def test_parts_add_up_to_the_headline(api: TestClient, part: str, names: list[str]) -> None:
    parts = rows(api, f"/v1/statistics/{part}", rounds="all")
    [whole] = rows(api, "/v1/statistics", rounds="all")
    assert sorted(row["name"] for row in parts) == sorted(names)
    for figure in ("total_usd", "crowdfunding_usd", "matching_usd", "donations", "rounds"):
        assert sum(row[figure] for row in parts) == pytest.approx(whole[figure])


def test_rounds_in_order_filtered_and_page_by_page(api: TestClient) -> None:
    assert [row["name"] for row in rows(api, "/v1/rounds")] == [
        "Somebody's round", "GG20 Climate", "GG20 OSS", "GG19 =Core",
    ]  # fmt: skip
    assert [row["total_usd"] for row in rows(api, "/v1/rounds", order="total")] == [3000, 750.5, 400, 40]
    assert {row["program"] for row in rows(api, "/v1/rounds", program="GG20")} == {"GG20"}
    assert [row["name"] for row in rows(api, "/v1/rounds", chain_id=10, name="CLIMATE")] == ["GG20 Climate"]
    body = api.get("/v1/rounds", params={"limit": 2, "offset": 2}).json()
    assert (len(body["rows"]), body["found"]) == (2, 4)


def test_a_text_that_looks_like_a_formula_is_text_in_csv(api: TestClient, figures: Warehouse) -> None:
    text = api.get("/v1/rounds?format=csv&order=total").text
    assert text.splitlines()[0].startswith("program,name,chain,chain_id")
    figures.do("""UPDATE public.round_totals SET "Name" = '=HYPERLINK("x")' WHERE program IS NULL""")
    try:
        formula = api.get("/v1/rounds?format=csv&order=donors").text
    finally:
        figures.do("""UPDATE public.round_totals SET "Name" = 'Somebody''s round' WHERE program IS NULL""")
    assert '"\'=HYPERLINK(""x"")"' in formula


def test_data_sets_tell_size_age_and_checks(api: TestClient) -> None:
    [row] = [row for row in rows(api, "/v1/data-sets") if row["system"] == "grants"]
    assert (row["relation"], row["rows"], row["bytes"]) == ("public.round_totals", 3, 8192)
    assert (row["checks_passed"], row["checks_waived"], row["checks_failed"]) == (1, 0, 0)
    assert row["built_in"] == row["build_id"]
    assert row["published_at"] <= row["checked_at"]


@pytest.mark.parametrize(
    "path",
    ["/v1/rounds?limit=501", "/v1/rounds?chain_id=-1", "/v1/rounds?program=%00", "/v1/statistics/wallet"],
)
def test_unbounded_or_unknown_questions_are_refused(api: TestClient, path: str) -> None:
    reply = api.get(path)
    assert (reply.status_code, reply.headers["Content-Type"]) == (400, "application/problem+json")


def test_the_same_question_reaches_the_database_once(api: TestClient, figures: Warehouse) -> None:
    """What a client makes up besides the known parameters makes no new question."""
    first = api.get("/v1/rounds?name=climate")
    figures.do("""UPDATE public.round_totals SET "Donors" = 99""")
    try:
        assert api.get("/v1/rounds?name=climate&nonce=1").content == first.content
    finally:
        figures.do("""UPDATE public.round_totals SET "Donors" = 5""")


def test_sessions_are_read_only_and_bounded(figures: Warehouse) -> None:
    sessions = Sessions(1, 200)
    for statement, kind in (
        ("CREATE TEMPORARY TABLE mine (id integer)", "ReadOnlySqlTransaction|InsufficientPrivilege"),
        ("DELETE FROM public.round_totals", "ReadOnlySqlTransaction|InsufficientPrivilege"),
        ("SELECT pg_sleep(10)", "QueryCanceled"),
    ):
        began = time.monotonic()
        with pytest.raises(SourceUnavailable, match=kind), sessions.session() as conn:
            conn.execute(statement)
        assert time.monotonic() - began < 5
    with sessions.session() as conn:
        assert conn.execute("SELECT count(*) FROM public.round_totals").fetchone() == (4,)
    sessions.close()


def test_a_session_that_broke_is_replaced(figures: Warehouse) -> None:
    sessions = Sessions(1, 2_000)
    with sessions.session() as conn:
        pid = conn.info.backend_pid
    with figures.connect("postgres") as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(SourceUnavailable), sessions.session() as conn:
        conn.execute("SELECT 1")
    with sessions.session() as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)
    sessions.close()


def test_nothing_of_the_database_is_told_when_it_is_away(
    api: TestClient, app_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PUBLIC_API_DB", "postgresql://secret_user:pw@127.0.0.1:1/Grants")
    with TestClient(build(replace(app_settings)), raise_server_exceptions=False) as client:
        reply = client.get("/v1/statistics")
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "10")
    assert reply.json()["detail"] == "The data cannot be read at the moment"
    assert "secret" not in reply.text


def test_kept_answers_go_on_while_the_database_is_away(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = api.get("/v1/statistics")
    answers = api.app.state.published_answers  # type: ignore[attr-defined]
    answers.sessions.close()
    monkeypatch.setenv("AIRFLOW_CONN_PUBLIC_API_DB", "postgresql://nobody:pw@127.0.0.1:1/Grants")
    answers._looked_at = float("-inf")
    assert api.get("/v1/statistics").content == before.content
    assert api.get("/v1/statistics", params={"rounds": "all"}).status_code == 503


def test_who_asks_the_same_at_once_waits_for_one_query(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    real = statistics.headline

    def slow(conn: Any, scope: Any) -> Any:
        asked.append(scope)
        time.sleep(0.3)
        return real(conn, scope)

    monkeypatch.setattr(statistics, "headline", slow)
    with ThreadPoolExecutor(5) as pool:
        replies = list(pool.map(lambda _: api.get("/v1/statistics", params={"rounds": "all"}), range(5)))
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in replies}) == 1
    assert asked == ["all"]


def test_every_route_is_described_by_an_example_like_its_answer(api: TestClient) -> None:
    """An example that names other columns than the answer would mislead whoever writes a client."""
    described = api.get("/openapi.json").json()["paths"]
    real = {"/v1/statistics/{part}": "/v1/statistics/chain", "/v1/leaderboard/addresses/{address}": ADDRESS}
    ours = [path for path in described if path.startswith("/v1/") and "get" in described[path]]
    assert len(ours) >= 7
    for path in ours:
        example = described[path]["get"]["responses"]["200"]["content"]["application/json"]["example"]
        body = api.get(real.get(path, path)).json()
        assert set(example) == set(body), path
        assert set(example["rows"][0]) <= set(body["rows"][0]), path
