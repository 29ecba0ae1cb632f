"""Bids in the benchmark: both ways make the same of the same answers, and a day adds up."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest
from rich.console import Console

from bench import prices, relay_answers
from bench.comparisons import bids, mev_day
from bench.context import Bench
from regendata.sources.mev_boost.objects import read_parquet
from sandbox.bootstrap import ANALYSTS, OWNER, WAREHOUSE
from sandbox.layout import Sandbox
from tests.support import databases

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def bench(postgres_cluster: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    database = databases.clone(postgres_cluster, WAREHOUSE, OWNER, [ANALYSTS])
    with pytest.MonkeyPatch.context() as patch, database as name:
        patch.setenv("AIRFLOW_CONN_GRANTS_DB", postgres_cluster.dsn(name, OWNER))
        yield Bench(folder, 1, 1, 1, 60, Console(quiet=True))


def test_answers_look_like_those_of_a_relay() -> None:
    (body,) = relay_answers.answers(1, 500)
    assert 600 < len(body) / 500 < 720
    assert relay_answers.answers(1, 500) == [body]
    blocks = relay_answers.fetched([body]).rows.column("block_hash")
    assert 0.9 < len(blocks.unique()) / len(blocks) < 1


def test_both_ways_keep_every_bid() -> None:
    bodies = relay_answers.answers(3, 20)
    lines = gzip.decompress(bids.obvious_object(bodies)).decode().splitlines()
    obvious = {(row["slot"], row["block_hash"], row["value"]) for row in map(json.loads, lines)}
    typed = read_parquet("bids", bids.typed_object(bodies)).to_pylist()
    assert {(str(row["slot"]), row["block_hash"], row["value"]) for row in typed} == obvious


def test_every_line_has_a_figure(bench: Bench) -> None:
    result = bids.compare(bench, slots=4)
    assert len(result.lines) == 4
    assert all(line.value > 0 for line in result.lines)
    assert [line.name for line in result.lines if line.name.startswith("bytes") and not line.is_met] == []


def test_a_day_adds_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mev_day, "SLOTS", 2)
    result = mev_day.compare(bench, mev_day.Day(relays=2, bids_per_slot=10))
    rows = dict(result.tables[0].rows)
    assert (rows["bids"], rows["objects"]) == ("144,000", "96")
    assert result.lines[0].value > 0
    rates = mev_day.Rates(make_s=0, make_bytes=50, load_s=0)
    costs = dict(mev_day.costs(mev_day.Day(relays=1, bids_per_slot=1), rates))
    assert costs["Cloud Storage, a month of this day"] == pytest.approx(7_200 * 50 / 1e9 * 0.02)
    assert all(price.seen and price.dollars for price in prices.ALL.values())
