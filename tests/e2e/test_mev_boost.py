"""DAGs of MEV-Boost through the real scheduler, with a cluster's API beside it whose pods run here.

A backload in pods, one that a person turns down, and a repair.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from regendata import paths
from regendata.coverage.intervals import Intervals
from regendata.coverage.slots import slots_of
from regendata.landing.relays.run import newest_hours
from sandbox import blocks, env, life
from sandbox.layout import REPOSITORY
from sandbox.temporary import temporary_sandbox
from tests.e2e.running import RunningSandbox, bring_up
from tests.e2e.test_refresh_approval import ended, task_state, wait_for
from tests.support import kubernetes, mev_rows
from tests.support.relays import truth

pytestmark = pytest.mark.slow
BACKLOAD, REPAIR = "mev_boost_backload", "mev_boost_repair"
EXECUTOR = "KubernetesExecutor"
NAMES = ("flashbots", "titan")
#: The end of one hour and the beginning of the next: two units.
BEGIN, END = slots_of(475_000)[1] - 10, slots_of(475_000)[1] + 10
FORM = {"from": str(BEGIN), "until": str(END), "relays": list(NAMES), "units": 2, "ask": False}
TEMPLATE = "infra/helm/mev_boost/pod_template.yaml"
PATIENCE_S = 420
#: The quickest person.
PARKED_S = 5


@dataclass(frozen=True)
class Company:
    """A sandbox with Airflow, and a cluster that its tasks can go to."""

    running: RunningSandbox
    cluster: kubernetes.Cluster

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.running.warehouse) as conn:
            return conn.execute(query, parameters or None).fetchall()

    def digest(self, endpoint: Any) -> str:
        names = ", ".join(["relay", *mev_rows.names(endpoint)])
        within = "slot >= %s AND slot < %s"
        return mev_rows.digest_of_values(
            self.rows(f"SELECT {names} FROM mev_boost.{endpoint} WHERE {within}", BEGIN, END)
        )


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A stack of its own: executors are chosen when the scheduler starts."""
    folder = tmp_path_factory.mktemp("cluster")
    with temporary_sandbox() as sandbox:
        cluster = kubernetes.Cluster(folder)
        with kubernetes.running(cluster) as address:
            kubernetes.write_kubeconfig(folder / "kubeconfig", address)
            try:
                running = bring_up(sandbox, settings=_executors(folder))
                _give(cluster, {**env.everything(sandbox), **running.stack.settings})
                yield Company(running, cluster)
            finally:
                life.down(sandbox)


def _executors(folder: Path) -> dict[str, str]:
    """Settings of a scheduler with both executors."""
    own = {
        "CORE__EXECUTOR": f"regendata.executor.PreloadingLocalExecutor,{EXECUTOR}",
        "KUBERNETES_EXECUTOR__NAMESPACE": kubernetes.NAMESPACE,
        "KUBERNETES_EXECUTOR__IN_CLUSTER": "False",
        "KUBERNETES_EXECUTOR__CONFIG_FILE": str(folder / "kubeconfig"),
        "KUBERNETES_EXECUTOR__POD_TEMPLATE_FILE": str(REPOSITORY / TEMPLATE),
        "KUBERNETES_EXECUTOR__DELETE_WORKER_PODS": "True",
    }
    folders = (kubernetes.provider(), REPOSITORY, REPOSITORY / "plugins")
    return {
        "PYTHONPATH": ":".join(map(str, folders)),
        "REGENDATA_MEV_EXECUTOR": EXECUTOR,
        # As far back as a test waits for.
        "REGENDATA_MEV_REPAIR_HOURS": "1",
        **{f"AIRFLOW__{name}": value for name, value in own.items()},
    }


def _give(cluster: kubernetes.Cluster, variables: dict[str, str]) -> None:
    """Secrets and config maps as docs/deployment.md makes them, with the sandbox's values."""

    def by_prefix(prefix: str) -> dict[str, str]:
        return {name: value for name, value in variables.items() if name.startswith(prefix)}

    cluster.secrets["regendata-connections"] = by_prefix("AIRFLOW_CONN_")
    cluster.secrets["regendata-settings"] = by_prefix("REGENDATA_")
    cluster.secrets["regendata-fernet"] = {"fernet-key": variables["AIRFLOW__CORE__FERNET_KEY"]}
    cluster.configuration["regendata-config"] = by_prefix("AIRFLOW__") | {
        "AIRFLOW_HOME": variables["AIRFLOW_HOME"]
    }


def test_a_backload_that_is_turned_down_fetches_nothing(company: Company) -> None:
    api = company.running.stack.api()
    run = api.trigger(BACKLOAD, FORM | {"ask": True})
    api.set_paused(BACKLOAD, False)
    wait_for(
        lambda: task_state(company.running, run, "relays.approve") in ("deferred", "awaiting_input"),
        "nobody is asked",
    )
    question = api.question(run, "relays.approve")
    assert question["options"] == ["Fetch", "Do not fetch"]
    assert "| titan | bids | 20 | 20 |" in question["body"]
    # An answer that is there before the scheduler has noted that the task is parked makes it start over.
    time.sleep(PARKED_S)
    api.answer(run, "relays.approve", "Do not fetch", {})
    assert ended(company.running, run) == "failed"
    assert task_state(company.running, run, "relays.fetch") in ("upstream_failed", "skipped")
    assert company.rows("SELECT count(*) FROM mev_boost.stored_hours") == [(0,)]
    assert company.cluster.created == []


def test_a_backload_runs_in_pods_made_from_the_template(company: Company) -> None:
    result = company.running.run_dag(BACKLOAD, FORM | {"where": EXECUTOR}, timeout=PATIENCE_S)
    assert result.succeeded, company.running.explain(result) + company.cluster.logs()
    for endpoint in ("payloads", "bids"):
        slots = Intervals.of((BEGIN, END))
        expected = [(name, row) for name in NAMES for row in truth((name, endpoint), slots)]  # type: ignore[arg-type]
        assert company.digest(endpoint) == mev_rows.digest(expected)
    pods = company.cluster.created
    assert len(pods) == 2
    template = yaml.safe_load((paths.REPOSITORY / TEMPLATE).read_text(encoding="utf-8"))
    for pod in pods:
        assert pod["metadata"]["annotations"]["task_id"] == "relays.fetch_on_kubernetesexecutor"
        assert pod["spec"]["nodeSelector"] == template["spec"]["nodeSelector"]
        assert pod["spec"]["serviceAccountName"] == template["spec"]["serviceAccountName"]
        (container,), (given,) = pod["spec"]["containers"], template["spec"]["containers"]
        kept = ("name", "image", "resources", "securityContext", "volumeMounts", "envFrom")
        assert {name: container[name] for name in kept} == {name: given[name] for name in kept}
        _is_valid(pod)
    # The scheduler cleans up after them.
    wait_for(lambda: not company.cluster.pods, "pods are left", 60)


def _is_valid(pod: dict[str, Any]) -> None:
    """As a cluster would check it, with the schemas of Kubernetes."""
    text = json.dumps({name: pod[name] for name in ("apiVersion", "kind", "metadata", "spec")})
    tool = REPOSITORY / ".tools" / "deploy" / "bin" / "kubernetes-validate"
    done = subprocess.run([str(tool), "--strict", "--quiet", "-"], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_repair_fills_in_late_blocks(company: Company) -> None:
    """The newest hour is fetched before its blocks are there; the nightly DAG dates it."""
    now = datetime.now(timezone.utc)
    begin, _ = newest_hours(now, 1)
    form = FORM | {"from": str(begin), "until": str(begin + 5)}
    fetched = company.running.run_dag(BACKLOAD, form, timeout=PATIENCE_S)
    assert fetched.succeeded, company.running.explain(fetched)
    undated = "SELECT count(*) FROM mev_boost.bids WHERE block_timestamp IS NULL AND slot >= %s AND slot < %s"
    assert company.rows(undated, begin, begin + 5)[0][0] > 0
    blocks.upload(company.running.sandbox, now)
    repaired = company.running.run_dag(REPAIR, timeout=PATIENCE_S)
    assert repaired.task_states["repair_hours"] == "success", company.running.explain(repaired)
    assert repaired.succeeded, company.running.explain(repaired)
    assert company.rows(undated, begin, begin + 5) == [(0,)]
