"""A whole company under test: servers, sources and Airflow, with handles to use and to harm them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from sandbox import life, objects
from sandbox.airflow_stack import AirflowStack
from sandbox.bootstrap import OWNER, WAREHOUSE
from sandbox.demo_runs import DagRunResult, explain, run_dag
from sandbox.layout import REPOSITORY, Sandbox
from sandbox.progress import progress
from sandbox.upstreams.server import StandIns, stand_ins

SCALE = 2_000
SMALL_DAGS = Path(__file__).parent / "dags"
#: What takes minutes in service takes seconds here.
IMPATIENT = {
    "REGENDATA_VERSION_WATCH_S": "2",
    "REGENDATA_VERSION_POLL_S": "1",
    "REGENDATA_VERSION_PATIENCE_S": "3",
    "REGENDATA_APPROVAL_POLL_S": "1",
}
LOCAL_BUNDLE = "airflow.dag_processing.bundles.local.LocalDagBundle"


@dataclass(frozen=True)
class RunningSandbox:
    """A seeded sandbox with Airflow up.

    :param stack: to stop, kill and start Airflow; whoever stops it starts it again.
    """

    sandbox: Sandbox
    stack: AirflowStack

    @property
    def warehouse(self) -> str:
        """URL of the database Grants, as its owner."""
        return self.sandbox.dsn(WAREHOUSE, OWNER)

    @property
    def stand_ins(self) -> StandIns:
        return stand_ins(self.sandbox)

    def source(self, database: str) -> str:
        """URL of a source database (`indexer` or `maci`) as superuser, for `sandbox.chaos_db`."""
        return self.sandbox.dsn(database)

    def chaos(self, upstream: str, **how: Any) -> None:
        """Order trouble for an upstream stand-in (fields of its `Trouble`) until the end of the test."""
        self.stand_ins.trouble(upstream, **how)

    def run_dag(
        self, dag_id: str, conf: Mapping[str, Any] | None = None, timeout: float = 180
    ) -> DagRunResult:
        """Run a DAG through the scheduler to its end; pytest shows the tasks of a test that fails."""
        console = Console(width=140)
        with progress(console) as shown:
            result = run_dag(self.stack, dag_id, shown, conf, timeout)
        for line in explain(self.stack.api(), result):
            console.print(line, markup=False, highlight=False)
        return result

    def explain(self, result: DagRunResult) -> str:
        """What a failed run says of itself."""
        return "\n".join(explain(self.stack.api(), result))


def bring_up(
    sandbox: Sandbox, data: Path | None = None, settings: Mapping[str, str] | None = None
) -> RunningSandbox:
    """Start everything; the sources are filled while Airflow starts.

    :param settings: variables of Airflow's processes beside the sandbox's own.
    """
    life.start_servers(sandbox)
    stack = AirflowStack(sandbox, {**bundles(), **IMPATIENT, **(settings or {})})
    stack.start()
    life.fill(sandbox, SCALE, data)
    objects.upload_archives(sandbox)
    stack.wait_healthy()
    return RunningSandbox(sandbox, stack)


def bundles() -> dict[str, str]:
    """Settings that add the tests' small DAGs to the repository's own."""
    folders = {"dags-folder": REPOSITORY / "dags", "small": SMALL_DAGS}
    listed = [
        {"name": name, "classpath": LOCAL_BUNDLE, "kwargs": {"path": str(folder)}}
        for name, folder in folders.items()
    ]
    return {"AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(listed)}
