"""The Dune stand-in, read by the real dune-client and by hand where the client hides something."""

from __future__ import annotations

import csv
import json
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from dune_client.client import DuneClient
from dune_client.models import ExecutionState
from dune_client.query import QueryBase

from sandbox.layout import Sandbox
from sandbox.upstreams.server import StandIns

QUERY = 4118421
ROWS: list[dict[str, Any]] = [
    {
        "tx_timestamp": "2024-09-23 12:58:53.000 UTC",
        "strategy_name": 'Fund\'s "Q"',
        "gmv": n + 0.5,
        "address": None,
    }
    for n in range(7)
]


@pytest.fixture
def key(stand_ins: StandIns, stand_ins_sandbox: Sandbox) -> str:
    """The API key; the query has seven rows."""
    path = stand_ins_sandbox.upstreams / f"dune_{QUERY}.json"
    path.write_text(json.dumps({"rows": ROWS}))
    return stand_ins_sandbox.secret("dune")


@pytest.fixture
def dune(stand_ins: StandIns, key: str) -> DuneClient:
    return DuneClient(key, base_url=f"{stand_ins.url}/dune")


def get(stand_ins: StandIns, key: str, path: str) -> requests.Response:
    url = f"{stand_ins.url}/dune/api/v1{path}"
    return requests.get(url, headers={"x-dune-api-key": key}, timeout=10)


def test_client_reads_all_rows_over_pages(dune: DuneClient, stand_ins: StandIns) -> None:
    assert dune.get_latest_result(QUERY, batch_size=3).get_rows() == ROWS
    offsets = [
        entry["query"].partition("offset=")[2].partition("&")[0] for entry in stand_ins.received("dune")
    ]
    assert offsets == ["", "", "3", "6"]


def test_next_uri_stays_on_the_requested_host(stand_ins: StandIns, key: str) -> None:
    local = StandIns(stand_ins.url.replace("127.0.0.1", "localhost"))
    body = get(local, key, f"/query/{QUERY}/results?limit=5").json()
    assert body["next_uri"].startswith(f"{local.url}/dune/api/v1/query/{QUERY}/results?")
    assert body["next_offset"] == 5


def test_last_page_has_no_next(stand_ins: StandIns, key: str) -> None:
    body = get(stand_ins, key, f"/query/{QUERY}/results?limit=5&offset=5").json()
    assert len(body["result"]["rows"]) == 2
    assert not {"next_uri", "next_offset"} & set(body)


def test_metadata_tells_columns_types_and_counts(stand_ins: StandIns, key: str) -> None:
    metadata = get(stand_ins, key, f"/query/{QUERY}/results?limit=2").json()["result"]["metadata"]
    assert metadata["column_names"] == list(ROWS[0])
    assert metadata["column_types"] == ["timestamp(3) with time zone", "varchar", "double", "varchar"]
    assert (metadata["row_count"], metadata["total_row_count"], metadata["datapoint_count"]) == (2, 7, 8)


def test_columns_can_be_chosen(dune: DuneClient) -> None:
    assert dune.get_latest_result(QUERY, columns=["gmv"]).get_rows()[0] == {"gmv": 0.5}


def test_csv_pages_follow_the_headers(dune: DuneClient) -> None:
    lines = dune.download_csv(QUERY, batch_size=3).data.read().decode().splitlines()
    assert [float(row["gmv"]) for row in csv.DictReader(lines)] == [row["gmv"] for row in ROWS]


def test_fresh_result_is_an_hour_old_unless_the_file_says_otherwise(
    stand_ins_sandbox: Sandbox, dune: DuneClient
) -> None:
    ended = dune.get_latest_result(QUERY).times.execution_ended_at
    assert ended is not None
    assert abs(datetime.now(timezone.utc) - ended - timedelta(hours=1)) < timedelta(minutes=1)
    path = stand_ins_sandbox.upstreams / f"dune_{QUERY}.json"
    path.write_text(json.dumps({"rows": ROWS, "execution_ended_at": "2025-05-01T10:00:00Z"}))
    written = dune.get_latest_result(QUERY, max_age_hours=10**6).times.execution_ended_at
    assert written == datetime(2025, 5, 1, 10, tzinfo=timezone.utc)


def test_client_runs_a_stale_query_again(dune: DuneClient, stand_ins: StandIns) -> None:
    stand_ins.set("dune", age_hours=100)
    assert dune.get_latest_result(QUERY, max_age_hours=99).get_rows() == ROWS
    assert "POST" in {entry["method"] for entry in stand_ins.received("dune")}


def test_execution_passes_through_its_states(dune: DuneClient) -> None:
    run = dune.execute_query(QueryBase(QUERY))
    seen = [dune.get_execution_status(run.execution_id).state]
    while seen[-1] != ExecutionState.COMPLETED:
        time.sleep(0.1)
        seen.append(dune.get_execution_status(run.execution_id).state)
    assert list(dict.fromkeys(seen)) == [
        ExecutionState.PENDING,
        ExecutionState.EXECUTING,
        ExecutionState.COMPLETED,
    ]


def test_partial_result_is_given_only_to_who_asks(stand_ins: StandIns, key: str) -> None:
    stand_ins.set("dune", state="QUERY_STATE_COMPLETED_PARTIAL")
    path = f"/query/{QUERY}/results"
    assert "result" not in get(stand_ins, key, path).json()
    assert len(get(stand_ins, key, f"{path}?allow_partial_results=true").json()["result"]["rows"]) == 7


def test_failed_query_has_an_error_and_no_rows(stand_ins: StandIns, key: str) -> None:
    stand_ins.set("dune", state="QUERY_STATE_FAILED")
    body = get(stand_ins, key, f"/query/{QUERY}/results").json()
    assert "result" not in body
    assert body["error"]["message"]


def test_missing_rows_are_promised_but_not_served(stand_ins: StandIns, key: str) -> None:
    stand_ins.set("dune", missing_rows=2)
    result = get(stand_ins, key, f"/query/{QUERY}/results").json()["result"]
    assert (len(result["rows"]), result["metadata"]["total_row_count"]) == (5, 7)


def test_empty_result_is_complete_and_has_no_rows(dune: DuneClient, stand_ins: StandIns) -> None:
    stand_ins.trouble("dune", empty=True)
    result = dune.get_latest_result(QUERY)
    assert (result.state, result.get_rows()) == (ExecutionState.COMPLETED, [])


def test_client_waits_out_a_429(dune: DuneClient, stand_ins: StandIns) -> None:
    stand_ins.trouble("dune", status=429, retry_after=1, times=1)
    assert len(dune.get_latest_result(QUERY).get_rows()) == 7
    assert [entry["status"] for entry in stand_ins.received("dune")] == [429, 200, 200]


@pytest.mark.parametrize(
    ("status", "text"),
    [(402, "datapoint limit"), (404, "not found: Query not found or private"), (500, "internal error")],
)
def test_ordered_errors_have_dunes_body(stand_ins: StandIns, key: str, status: int, text: str) -> None:
    stand_ins.trouble("dune", status=status)
    response = get(stand_ins, key, f"/query/{QUERY}/results")
    assert response.status_code == status
    assert text in response.json()["error"]


@pytest.mark.parametrize("wrong", ["", "guess", "schlüssel"])
def test_wrong_key_is_refused(stand_ins: StandIns, key: str, wrong: str) -> None:
    response = requests.get(
        f"{stand_ins.url}/dune/api/v1/query/{QUERY}/results",
        headers={"x-dune-api-key": wrong.encode("latin-1")},
        timeout=10,
    )
    assert (response.status_code, response.json()) == (401, {"error": "invalid API Key"})


@pytest.mark.parametrize(
    "path", ["/query/1/results", "/query/1/results/csv", "/execution/01J/results", "/execution/01J/status"]
)
def test_unknown_query_or_execution(stand_ins: StandIns, key: str, path: str) -> None:
    assert get(stand_ins, key, path).status_code == 404


@pytest.mark.parametrize("option", ["limit=x", "offset=-1", "sort_by=gmv", "filters=gmv>1"])
def test_what_is_not_offered_is_refused_loudly(stand_ins: StandIns, key: str, option: str) -> None:
    assert get(stand_ins, key, f"/query/{QUERY}/results?{option}").status_code == 400
