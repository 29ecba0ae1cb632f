"""The whole refresh on real files: real names, JSON and amounts hold what no generator thinks of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox import life
from sandbox.layout import REPOSITORY
from sandbox.temporary import temporary_sandbox
from tests.e2e.running import RunningSandbox, bring_up

REAL_DATA = Path(os.environ.get("REGENDATA_REAL_DATA") or REPOSITORY.parent / "shared" / "data")


@pytest.fixture(scope="module")
def real() -> Iterator[RunningSandbox]:
    if not (REAL_DATA / "grants").is_dir():
        pytest.skip(f"no real data at {REAL_DATA}; set REGENDATA_REAL_DATA")
    with temporary_sandbox() as sandbox:
        try:
            yield bring_up(sandbox, REAL_DATA)
        finally:
            life.down(sandbox)


@pytest.mark.slow
def test_real_files_come_out_as_published_totals(real: RunningSandbox) -> None:
    for dag_id in ("grants_static_data", "grants_every_day", "grants_every_4_hours"):
        result = real.run_dag(dag_id)
        assert result.succeeded, real.explain(result)
    with psycopg.connect(real.warehouse) as conn:
        ids, distinct_ids = conn.execute(
            "SELECT count(*), count(DISTINCT donation_id) FROM public.all_donations"
        ).fetchone() or (0, 0)
        live, archived = conn.execute(
            "SELECT count(*) FILTER (WHERE source = 'indexer'), count(*) FILTER (WHERE source = 'static') "
            "FROM public.donations"
        ).fetchone() or (0, 0)
        dune = conn.execute(
            "SELECT count(*) FROM public.allov2_distribution_events_for_leaderboard"
        ).fetchone()
        matched, distributed = conn.execute(
            "SELECT (SELECT count(*) FROM public.indexer_matching), (SELECT sum(jsonb_array_length("
            "matching_distribution -> 'matchingDistribution')) FROM public.rounds)"
        ).fetchone() or (0, 0)
    assert ids == distinct_ids > 5_000
    assert live
    assert archived
    # Exact duplicates of the real Dune result stay rows of their own.
    assert dune == (1_797,)
    assert matched == distributed > 2_000
