"""How the DAGs of MEV-Boost relays hang together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from regendata import paths, settings
from regendata.sources.mev_boost.relays import RELAYS

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG

KUBERNETES = "KubernetesExecutor"


def downstream(dag: DAG, name: str) -> set[str]:
    return {task_id.removeprefix("relays.") for task_id in dag.get_task(f"relays.{name}").downstream_task_ids}


@pytest.mark.parametrize("dag_id", ["mev_boost_hourly", "mev_boost_repair"])
def test_a_round_is_planned_fetched_and_judged(dag_bag: DagBag, dag_id: str) -> None:
    dag = dag_bag.dags[dag_id]
    assert "fetch" in downstream(dag, "plan")
    assert downstream(dag, "fetch") == {"judge", "close_days"}
    # A judge that nothing follows decides over the run; days are closed whatever it says.
    assert downstream(dag, "judge") == downstream(dag, "close_days") == set()
    assert dag.get_task("relays.close_days").trigger_rule == "all_done"
    assert dag.get_task("relays.judge").trigger_rule == "none_failed"


def test_a_backload_asks_first_and_goes_on_by_itself(dag_bag: DagBag) -> None:
    dag = dag_bag.dags["mev_boost_backload"]
    assert "approve" in downstream(dag, "plan")
    assert downstream(dag, "approve") == {"units"}
    assert downstream(dag, "units") == {"fetch"}
    assert downstream(dag, "judge") == {"next_round"}


def test_the_form_of_a_backload(dag_bag: DagBag) -> None:
    params: Any = dag_bag.dags["mev_boost_backload"].params
    schemas = {name: params.get_param(name).schema for name in params}
    assert schemas["relays"]["examples"] == list(RELAYS)
    assert schemas["units"]["maximum"] == 64
    assert schemas["where"]["enum"] == ["here"]
    for text in ("8781722", "2024-04-04", "2024-04-04T04:00", "2024-04-04 04:00:00Z"):
        assert params.get_param("from").resolve(text) == text
    for text in ("soon", "2024-04", "-5", ""):
        with pytest.raises(ValueError, match="does not match"):
            params.get_param("from").resolve(text)


def test_an_executor_beside_the_usual_one_gets_tasks_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each work unit in a pod made from the template, chosen in the form."""
    from airflow.sdk import DAG

    from regendata.groups.mev_boost import fetch_round, form

    monkeypatch.setenv("REGENDATA_MEV_EXECUTOR", KUBERNETES)
    with DAG("elsewhere", params=form()) as dag:
        fetch_round(ask=True)
    task: Any = dag.get_task("relays.fetch_on_kubernetesexecutor")
    assert task.partial_kwargs["executor"] == KUBERNETES
    assert task.partial_kwargs["executor_config"]["pod_template_file"].endswith("pod_template.yaml")
    assert dag.params.get_param("where").schema["enum"] == ["here", KUBERNETES]
    assert "executor" not in dag.get_task("relays.fetch").partial_kwargs
    assert downstream(dag, "fetch_on_kubernetesexecutor") == {"judge", "close_days"}


def test_the_pod_template_is_there() -> None:
    assert (paths.REPOSITORY / settings.load({}).mev_pod_template).is_file()
