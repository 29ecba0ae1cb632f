"""After a publish: Metabase learns of columns once, and its cards are compared with the warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from regendata import paths
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.metabase_cards import card_row, card_statement
from regendata.models import files
from regendata.models.lineage import references
from regendata.models.project import load_project
from regendata.models.relation import Relation
from regendata.outbound import metabase as errands
from regendata.sources.metabase import CARDS
from sandbox.bootstrap import ANALYST, ANALYSTS
from sandbox.upstreams.service import Site
from sandbox.upstreams.services import metabase
from sandbox.upstreams.trouble import Board
from tests.postgres.outbound.conftest import Outside
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres

PUBLISHED = f"""
CREATE SCHEMA experimental_views;
CREATE TABLE experimental_views.allo_gmv_leaderboard_events (role text, gmv real);
CREATE TABLE public.all_donations (donor_address text, amount_in_usd real);
CREATE TABLE public.all_matching (match_amount_in_usd double precision);
INSERT INTO experimental_views.allo_gmv_leaderboard_events
SELECT (ARRAY['donor', 'grantee', 'round_operator'])[1 + n % 3], n * 1.1 FROM generate_series(1, 999) AS n;
INSERT INTO public.all_donations
SELECT CASE WHEN n % 2 = 0 THEN '0xAB' ELSE '0xab' END || n / 7, n * 0.37 FROM generate_series(1, 999) AS n;
INSERT INTO public.all_matching SELECT n * 0.1 FROM generate_series(1, 99) AS n;
GRANT USAGE ON SCHEMA experimental_views TO {ANALYSTS};
GRANT SELECT ON ALL TABLES IN SCHEMA experimental_views, public TO {ANALYSTS};
"""
NAMES = {"metabase.card_196": 1, "metabase.card_328": 4}


@pytest.fixture(scope="module")
def _published(sessions: tuple[PgConnection, PgConnection]) -> None:
    sessions[0].execute(PUBLISHED.encode())


@pytest.fixture
def build_id(conn: PgConnection, _published: None) -> int:
    """A published build."""
    row = conn.execute(
        "INSERT INTO meta.build (system, run_id, state) VALUES ('grants', 'r', 'published') "
        "RETURNING build_id"
    ).fetchone()
    assert row is not None
    conn.execute(
        "INSERT INTO meta.publication (system, build_id, kind) VALUES ('grants', %s, 'publish')", row
    )
    return int(row[0])


@pytest.fixture
def shown(build_id: int, conn: PgConnection, outside: Outside) -> Outside:
    """Metabase shows what the warehouse says."""
    show(outside, {str(card.number): [row_of(conn, card.name)] for card in CARDS})
    return outside


def show(outside: Outside, cards: dict[str, Any]) -> None:
    outside.stand_ins.set("metabase", cards=cards)


def row_of(conn: PgConnection, name: str) -> dict[str, Any]:
    return card_row(conn, card_statement(name))


def results(conn: PgConnection) -> dict[str, tuple[str, str, str]]:
    """Verdict, figure and expectation by name of the check."""
    rows = conn.execute(
        "SELECT check_name, verdict, figure, expected FROM meta.check_result WHERE severity = 'warn'"
    ).fetchall()
    return {row[0]: row[1:] for row in rows}


def test_cards_that_agree(build_id: int, conn: PgConnection, shown: Outside) -> None:
    errands.check_cards(conn, "grants")
    found = conn.execute(
        "SELECT relation, count(*) FILTER (WHERE passed AND statement LIKE '%%SELECT%%FROM%%') "
        "FROM meta.check_result WHERE build_id = %s GROUP BY relation",
        [build_id],
    ).fetchall()
    assert dict(found) == NAMES


def test_a_difference_is_a_failed_check_by_name(build_id: int, conn: PgConnection, shown: Outside) -> None:
    headline = row_of(conn, "headline_figures")
    told = headline | {"donors": headline["donors"] + 1}
    show(shown, {"196": [{"allo_gmv": "183,150"}], "328": [told]})
    figures = errands.check_cards(conn, "grants")
    failed = {name: one for name, one in results(conn).items() if one[0] == "failed"}
    assert failed == {
        "card 196 allo_gmv": ("failed", "str '183,150'", str(row_of(conn, "allo_gmv")["allo_gmv"])),
        "card 328 donors": ("failed", str(headline["donors"] + 1), str(headline["donors"])),
    }
    assert len(figures) == 5


@pytest.mark.parametrize(
    ("trouble", "said"),
    [({"status": 503}, "Metabase card 196: HTTP 503"), ({"status": 429}, "Metabase card 196: HTTP 429")],
)
def test_metabase_away_is_a_warning_by_name_until_it_is_back(
    trouble: dict[str, Any], said: str, build_id: int, conn: PgConnection, shown: Outside
) -> None:
    shown.stand_ins.trouble("metabase", times=2, **trouble)
    errands.check_cards(conn, "grants")
    assert results(conn)["card 196 answers"] == ("failed", said, "one row of figures")
    errands.check_cards(conn, "grants")
    assert {verdict for verdict, *_ in results(conn).values()} == {"passed"}
    assert "card 196 answers" not in results(conn)


def test_a_failed_query_is_a_failed_check(build_id: int, conn: PgConnection, shown: Outside) -> None:
    shown.stand_ins.set("metabase", query_fails=True)
    errands.check_cards(conn, "grants")
    figure = results(conn)["card 328 answers"][1]
    assert figure == "Metabase card 328: its query failed, 42501: ERROR: permission denied for schema public"


def test_before_anything_is_published_there_is_nothing_to_compare(
    conn: PgConnection, outside: Outside
) -> None:
    assert errands.check_cards(conn, "grants") == {}
    assert outside.stand_ins.received("metabase") == []


def test_a_schema_is_synced_once_per_change(build_id: int, conn: PgConnection, outside: Outside) -> None:
    assert [errands.sync_schema(conn, "grants") for _ in range(2)] == ["synced", "no column changed"]
    conn.execute("ALTER TABLE public.all_donations ADD COLUMN extra integer")
    assert errands.sync_schema(conn, "grants") == "synced"
    conn.execute("ALTER TABLE public.all_donations ALTER COLUMN extra TYPE bigint")
    assert errands.sync_schema(conn, "grants") == "synced"
    conn.execute("ALTER TABLE public.all_donations DROP COLUMN extra")
    assert [errands.sync_schema(conn, "grants") for _ in range(2)] == ["synced", "no column changed"]
    assert [one["database"] for one in outside.syncs] == [2, 2, 2, 2]


def test_a_sync_that_fails_is_made_after_the_next_publish(
    build_id: int, conn: PgConnection, outside: Outside
) -> None:
    outside.stand_ins.trouble("metabase", status=503, times=1)
    assert [errands.sync_schema(conn, "grants") for _ in range(2)] == ["not synced", "synced"]


@pytest.fixture
def in_metabase(one_warehouse: Warehouse, build_id: int, tmp_path: Path) -> TestClient:
    """The stand-in with the warehouse behind it, as Metabase has it."""
    board = Board(defaults={metabase.NAME: metabase.SERVICE.settings})
    site = Site(tmp_path, lambda name: name, board, lambda: one_warehouse.dsn(ANALYST))
    app = Starlette(routes=metabase.SERVICE.routes(site))
    return TestClient(app, headers={"x-api-key": metabase.NAME})


def test_cards_as_analysts_wrote_them_say_what_our_sql_says(
    in_metabase: TestClient, conn: PgConnection
) -> None:
    for card in CARDS:
        (told,) = in_metabase.post(f"/api/card/{card.number}/query/json").json()
        assert told == pytest.approx(row_of(conn, card.name))
        assert all(told.values())


def test_a_query_that_really_fails(in_metabase: TestClient, conn: PgConnection) -> None:
    conn.execute(f"REVOKE SELECT ON public.all_matching FROM {ANALYSTS}".encode())
    answer = in_metabase.post("/api/card/328/query/json")
    conn.execute(f"GRANT SELECT ON public.all_matching TO {ANALYSTS}".encode())
    body = answer.json()
    assert (answer.status_code, body["status"], body["state"]) == (202, "failed", "42501")
    assert body["error"] == "ERROR: permission denied for table all_matching"


def test_cards_read_what_is_published() -> None:
    models = set(load_project("grants").models)
    for card in CARDS:
        path = paths.STEPS / "metabase" / f"{card.name}.sql"
        body = files.read(path, ("description",)).body
        assert {one.relation for one in references(body, path)} <= models
    assert Relation("public", "all_donations") in models
