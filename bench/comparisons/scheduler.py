"""The refresh through the real scheduler against the same refresh in one process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from rich.console import Console

from bench.context import Bench, running
from bench.measure import Side, Timings, alternate, nothing
from bench.result import Line, Result, at_most, samples
from bench.warehouse import forget_fingerprints
from regendata.hooks.indexer_api import fetch_version
from regendata.hooks.postgres import connect
from regendata.sources.indexers import GRANTS_INDEXER
from sandbox.airflow_stack import AirflowStack
from sandbox.demo import REFRESH
from sandbox.demo_runs import run_dag
from sandbox.exceptions import SandboxError
from sandbox.layout import Sandbox
from sandbox.progress import PlainProgress
from sandbox.refresh import refresh, tidy_up

FIRST_DAGS = ("grants_static_data", "grants_every_day")
MOST_OVERHEAD_SECONDS = 15
MOST_DONATIONS = 20_000
RUN_SECONDS = 900
#: Quiet is this process only.
LOGGING = {"AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO"}


class RunFailed(SandboxError):
    """A DAG run of the benchmark did not succeed."""


def compare(bench: Bench) -> Result:
    """A sandbox of its own, in which the scheduler runs; small, as its overhead does not grow with rows."""
    scale = min(bench.scale, MOST_DONATIONS)
    sandbox = Sandbox(bench.folder / "airflow")
    bench.tell(f"Airflow in a sandbox with {scale:,} live donations")
    with running(sandbox, scale), AirflowStack(sandbox, LOGGING) as stack:
        stack.wait_healthy()
        for dag_id in (*FIRST_DAGS, REFRESH):
            _run(stack, dag_id)
        bench.tell("full run, full refresh, unchanged run, unchanged refresh, and again")
        timings = alternate(_sides(stack), bench.rounds, bench.budget_seconds)
    return _result(scale, timings)


def _sides(stack: AirflowStack) -> dict[str, Side]:
    return {
        "full_run": Side(partial(_run, stack, REFRESH, _forget)),
        "full_refresh": Side(_refresh, before=_forget),
        "unchanged_run": Side(partial(_run, stack, REFRESH)),
        "unchanged_refresh": Side(_refresh),
    }


def _run(stack: AirflowStack, dag_id: str, before: Callable[[], None] = nothing) -> float:
    """Seconds of one run from its trigger to its end; done again if a run by schedule or asset went first."""
    while True:
        before()
        result = run_dag(stack, dag_id, PlainProgress(Console(quiet=True)), timeout=RUN_SECONDS)
        if not result.succeeded:
            failed = ", ".join(task.name for task in result.failed_tasks)
            raise RunFailed(f"{dag_id} {result.state}: {failed}; logs in {stack.sandbox.logs}")
        if not result.went_first:
            return result.seconds


def _forget() -> None:
    with connect() as conn:
        forget_fingerprints(conn)


def _refresh() -> None:
    """What the tasks of a run do, the first and the last included."""
    refresh("bench", fetch_version(str(GRANTS_INDEXER.api_conn_id)))
    tidy_up()


def _result(scale: int, timings: Mapping[str, Timings]) -> Result:
    return Result(
        lines=[
            _overhead(f"overhead of a run, {kind}", timings[f"{kind}_refresh"], timings[f"{kind}_run"])
            for kind in ("full", "unchanged")
        ],
        samples=samples(timings),
        notes=[
            f"{scale:,} donations; baseline: refresh in one process; ours: the same through the scheduler",
            "seconds from trigger to end, seen by asking the API every half second",
        ],
    )


def _overhead(name: str, refreshed: Timings, run: Timings) -> Line:
    seconds = run.median - refreshed.median
    return Line(name, str(refreshed), str(run), seconds, " s", at_most(MOST_OVERHEAD_SECONDS))
