"""LocalExecutor whose tasks find imported what they would each import again.

Every task is a fork of a worker, and a worker a fork of the scheduler, which itself needs nothing of this
repository. Without preloading, a task spends three quarters of its CPU time on imports: the modules of
`regendata`, sqlglot, the providers' hooks; and half of what is left on reading its DAG. What the scheduler
imports and reads before it forks is shared, memory too.

The price: a change to `plugins/` takes effect when the scheduler starts again, which Airflow asks for with
plugins anyway. A change to `dags/` or `include/` takes effect at once: each task reads them again then.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Iterator

from airflow.executors.local_executor import LocalExecutor

import regendata
from regendata import dag_files

log = logging.getLogger(__name__)

#: What this repository imports only inside functions.
LIBRARIES = (
    "airflow.providers.amazon.aws.hooks.s3",
    "airflow.providers.google.suite.hooks.sheets",
    "airflow.providers.http.hooks.http",
    "airflow.providers.postgres.hooks.postgres",
    "airflow.sdk.execution_time.task_runner",
    "airflow.sdk.execution_time.timeout",
    "duckdb",
    "dune_client.client",
    "httpx",
    "jinja2.ext",
    "psycopg",
    "pyarrow.compute",
    "pyarrow.csv",
    "pyarrow.parquet",
    "sqlglot",
)
#: Run in processes of their own, or here already.
NOT_IN_TASKS = ("regendata.api", "regendata.executor")


class PreloadingLocalExecutor(LocalExecutor):
    """LocalExecutor for `[core] executor`: `regendata.executor.PreloadingLocalExecutor`."""

    def start(self) -> None:
        """Import what tasks need, then fork the workers."""
        preload()
        super().start()


def preload() -> None:
    """Import libraries and modules, read models and DAGs; what fails is left to the task that needs it."""
    for name in (*LIBRARIES, *_modules()):
        try:
            importlib.import_module(name)
        except ImportError:
            log.warning("cannot preload %s", name, exc_info=True)
    _read_models()
    dag_files.remember_all()


def _read_models() -> None:
    """A task whose files have not changed since finds the models in memory."""
    from regendata.exceptions import FinalError
    from regendata.models.dictionary import columns_of
    from regendata.models.project import load_project
    from regendata.publish.systems import SYSTEMS

    for system in SYSTEMS:
        try:
            project = load_project(system)
            for relation in project.models:
                columns_of(project, relation)
        except FinalError:
            log.warning("cannot read the models of %s", system, exc_info=True)


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(regendata.__path__, "regendata."):
        if not module.name.startswith(NOT_IN_TASKS) and not module.name.endswith(".__main__"):
            yield module.name
