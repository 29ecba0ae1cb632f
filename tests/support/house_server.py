"""Airflow's own API server with our plugin, on a new metadata database.

The environment says where everything is; see `tests.support.house`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import uvicorn
from airflow import models, settings
from airflow.api_fastapi.app import create_app
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.base import Base
from airflow.models.dag_version import DagVersion
from airflow.models.dagbag import DBDagBag
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance
from airflow.sdk import timezone
from airflow.utils.db import synchronize_log_template
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from sqlalchemy import select


def fill(dags: list[Path]) -> None:
    """Tables of this Airflow without its migrations, and some DAGs of ours."""
    models.import_all_models()
    Base.metadata.create_all(settings.get_engine())
    synchronize_log_template()
    with create_session() as session:
        session.add(DagBundleModel(name="house"))
    for path in dags:
        bag = DagBag(dag_folder=path, safe_mode=False, bundle_name="house", bundle_path=path.parent)
        sync_bag_to_db(bag, "house", None)


def ask(dag_id: str, task_id: str, subject: str) -> None:
    """A run of a DAG in which a task waits for a person."""
    with create_session() as session:
        version = session.scalar(select(DagVersion).where(DagVersion.dag_id == dag_id))
        now = timezone.utcnow()
        run = DagRun(
            dag_id=dag_id, run_id="manual__2", run_type="manual", run_after=now, state=DagRunState.RUNNING
        )
        session.add(run)
        session.flush()
        dag = DBDagBag().get_latest_version_of_dag(dag_id, session=session)
        task = TaskInstance(dag.get_task(task_id), run_id=run.run_id, dag_version_id=version.id)
        task.state = TaskInstanceState.AWAITING_INPUT
        session.add(task)
        session.flush()
        session.add(HITLDetail(ti_id=task.id, options=["Approve", "Reject"], subject=subject))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dags", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    fill(given.dags)
    ask("cdr_market_promote", "approve", "Promote the <b>market</b> to prod?")
    uvicorn.run(create_app(apps="core"), host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
