"""Landing Dune's result over the wire: each trouble has its own words, and the old rows stay in use."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from regendata import settings
from regendata.exceptions import BadSourceAnswer, EmptySource, RegendataError, SourceUnavailable, StaleSource
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.landing import dune as landing
from regendata.models.project import load_project
from sandbox.layout import Sandbox
from sandbox.upstreams.server import StandIns
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
TABLE = "landing.dune_allo_v2_distribution_events"
FILE = "dune_4118421.json"
EVENT = {
    "blockchain": "celo",
    "tx_timestamp": "2024-09-23 12:58:53.000 UTC",
    "tx_hash": "0xabc",
    "address": "0xdef",
    "role": "grantee",
    "gmv": 12.5,
    "strategy_name": "EasyRPGFStrategy",
}
Land = Callable[[], dict[str, Any]]


@pytest.fixture
def land(warehouse: Warehouse, dune: StandIns) -> Land:
    """Land the latest result into the empty warehouse."""
    project = load_project("grants")
    with connect() as conn:
        ensure_meta(conn, project.tables)
    return lambda: landing.land(project, "test", settings.load())


@pytest.fixture
def serve(stand_ins_sandbox: Sandbox, dune: StandIns) -> Callable[..., None]:
    """Have Dune answer with these rows."""

    def write(*events: dict[str, Any]) -> None:
        content = {"execution_ended_at": None, "rows": list(events)}
        (stand_ins_sandbox.upstreams / FILE).write_text(json.dumps(content))

    return write


def test_every_row_of_the_result_is_landed_typed(
    land: Land, warehouse: Warehouse, stand_ins_sandbox: Sandbox
) -> None:
    events = json.loads((stand_ins_sandbox.upstreams / FILE).read_text())["rows"]
    assert land()["landed"] == {TABLE: len(events)}
    landed = warehouse.rows(
        "SELECT blockchain, to_char(tx_timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') || ' UTC', "
        f"tx_hash, address, role, gmv, strategy_name FROM {TABLE}"
    )
    assert sorted(landed, key=repr) == sorted((tuple(event.values()) for event in events), key=repr)


def test_pages_are_put_together(land: Land, serve: Callable[..., None], warehouse: Warehouse) -> None:
    serve(*({**EVENT, "tx_hash": f"0x{number}"} for number in range(33_000)))
    assert land()["landed"] == {TABLE: 33_000}
    assert warehouse.value(f"SELECT count(DISTINCT tx_hash) FROM {TABLE}") == 33_000


def test_the_query_is_never_run(land: Land, dune: StandIns) -> None:
    dune.set("dune", age_hours=20)
    land()
    asked = dune.received("dune")
    assert asked
    assert {entry["method"] for entry in asked} == {"GET"}


def test_the_same_result_in_another_order_is_not_loaded_again(land: Land, serve: Callable[..., None]) -> None:
    other = {**EVENT, "gmv": 3}
    serve(EVENT, other, EVENT)
    land()
    serve(other, EVENT, EVENT)
    assert land() == {"landed": {}, "unchanged": [TABLE]}
    serve(other, EVENT)
    assert land()["landed"] == {TABLE: 2}


def test_apostrophes_nulls_and_odd_text_are_kept(
    land: Land, serve: Callable[..., None], warehouse: Warehouse
) -> None:
    odd = 'Citizens\' "Retro", \\x5c\nwith,commas; DROP TABLE x --'
    serve(
        {**EVENT, "strategy_name": odd},
        {**EVENT, "strategy_name": None, "address": None},
        {**EVENT, "strategy_name": "", "gmv": "7.25"},
    )
    land()
    rows = warehouse.rows(f"SELECT strategy_name, address, gmv FROM {TABLE} ORDER BY gmv, address NULLS LAST")
    assert rows == [("", "0xdef", 7.25), (odd, "0xdef", 12.5), (None, None, 12.5)]


Trouble = Callable[[StandIns], object]
TROUBLES: dict[str, tuple[Trouble, type[RegendataError], str]] = {
    "partial": (
        lambda dune: dune.set("dune", state="QUERY_STATE_COMPLETED_PARTIAL"),
        BadSourceAnswer,
        "state QUERY_STATE_COMPLETED_PARTIAL",
    ),
    "failed": (
        lambda dune: dune.set("dune", state="QUERY_STATE_FAILED"),
        RegendataError,
        "Dune query 4118421: .*(QUERY_STATE_FAILED|no result|timed out)",
    ),
    "stale": (
        lambda dune: dune.set("dune", age_hours=100),
        StaleSource,
        "more than 1 day.* ago; run it again",
    ),
    "empty": (lambda dune: dune.trouble("dune", empty=True), EmptySource, "has no rows"),
    "fewer rows than announced": (
        lambda dune: dune.set("dune", missing_rows=3),
        BadSourceAnswer,
        r"\d+ rows came, \d+ were announced",
    ),
    "bad key": (
        lambda dune: dune.trouble("dune", status=401),
        SourceUnavailable,
        "HTTP 401 .*invalid API Key",
    ),
    "no credits": (
        lambda dune: dune.trouble("dune", status=402),
        SourceUnavailable,
        "HTTP 402 .*billing cycle",
    ),
    "no such query": (
        lambda dune: dune.trouble("dune", status=404),
        SourceUnavailable,
        "HTTP 404 .*not found",
    ),
    "server error": (lambda dune: dune.trouble("dune", status=500), SourceUnavailable, "HTTP 500"),
    "too many requests": (
        lambda dune: dune.trouble("dune", status=429, retry_after=1),
        SourceUnavailable,
        "RetryError at http://127",
    ),
    "web page": (lambda dune: dune.trouble("dune", html=True), BadSourceAnswer, "no result|not JSON"),
    "truncated": (lambda dune: dune.trouble("dune", truncate=True), BadSourceAnswer, "no result|not JSON"),
    "truncated second answer": (
        lambda dune: dune.trouble("dune", path="*/execution/*", truncate=True),
        BadSourceAnswer,
        "no result|not JSON",
    ),
    "connection lost": (lambda dune: dune.trouble("dune", drop=True), SourceUnavailable, "at http://127"),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_trouble_is_named_and_the_old_rows_stay(
    name: str, land: Land, dune: StandIns, warehouse: Warehouse, stand_ins_sandbox: Sandbox
) -> None:
    land()
    before = warehouse.rows(f"SELECT * FROM {TABLE} ORDER BY 1, 2, 3, 4, 5, 6, 7")
    make, kind, message = TROUBLES[name]
    make(dune)
    with pytest.raises(kind, match=f"4118421.*{message}" if "4118421" not in message else message) as caught:
        land()
    assert stand_ins_sandbox.secret("dune") not in str(caught.value)
    assert warehouse.rows(f"SELECT * FROM {TABLE} ORDER BY 1, 2, 3, 4, 5, 6, 7") == before
    assert before
    dune.reset()
    assert land()["landed"] == {}
    assert warehouse.leftovers() == set()


def test_a_short_429_is_waited_for(land: Land, dune: StandIns) -> None:
    dune.trouble("dune", status=429, retry_after=1, times=1)
    assert land()["landed"]
    assert [entry["status"] for entry in dune.received("dune")][:2] == [429, 200]


BAD_ROWS = {
    "number": ({**EVENT, "gmv": "a lot"}, r"row 2, column gmv: cannot read 'a lot'"),
    "null number": ({**EVENT, "gmv": None}, r"row 2, column gmv: cannot read None"),
    "not a number": ({**EVENT, "gmv": "NaN"}, r"row 2, column gmv: cannot read 'NaN'"),
    "time": ({**EVENT, "tx_timestamp": "yesterday"}, r"row 2, column tx_timestamp: cannot read 'yesterday'"),
    "column": ({key: value for key, value in EVENT.items() if key != "gmv"}, "row 2 has no column gmv"),
}


@pytest.mark.parametrize("what", BAD_ROWS)
def test_a_bad_row_is_named(
    what: str, land: Land, stand_ins_sandbox: Sandbox, serve: Callable[..., None], warehouse: Warehouse
) -> None:
    serve(EVENT)
    land()
    event, message = BAD_ROWS[what]
    serve(*([EVENT, event] if what != "column" else [event, event]))
    with pytest.raises(BadSourceAnswer, match=message.replace("row 2 has", "row 1 has")):
        land()
    assert warehouse.value(f"SELECT count(*) FROM {TABLE}") == 1
