"""What an image needs to work: every DAG loads, the public API, executors, logins and pg_dump are there.

``smoke.py [--without-programs]``; prints what is wrong and ends with 1. Without programs it leaves out what
only an image has.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

#: What settings name and nothing imports before a deployment starts.
BY_SETTING = (
    "airflow.providers.celery.executors.celery_executor_utils",
    "airflow.providers.cncf.kubernetes.executors.kubernetes_executor",
    "airflow.providers.fab.auth_manager.fab_auth_manager",
)


def faults(programs: bool = True) -> list[str]:
    """All that is wrong, in words."""
    from airflow.dag_processing.dagbag import DagBag

    from regendata import paths
    from regendata.api.app import build

    folder = Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    bag = DagBag(dag_folder=folder, safe_mode=False)
    found = [f"{file}: {error}" for file, error in bag.import_errors.items()]
    missing = {path.stem for path in folder.glob("*.py")} - set(bag.dags)
    found += [f"{dag_id}: not loaded" for dag_id in sorted(missing)]
    if not bag.dags:
        found.append(f"{folder}: no DAG")
    if not paths.TABLES.is_dir():
        found.append(f"{paths.TABLES}: missing")
    build()
    if programs:
        found += [f"{name}: not on PATH" for name in ("pg_dump", "pg_restore") if not shutil.which(name)]
        found += _unusable(BY_SETTING)
    return found


def _unusable(modules: tuple[str, ...]) -> Iterator[str]:
    """A package may be there in a version that its user cannot use."""
    for module in modules:
        try:
            import_module(module)
        except ImportError as error:
            yield f"{module}: {error}"


if __name__ == "__main__":
    wrong = faults(programs="--without-programs" not in sys.argv[1:])
    print("\n".join(wrong) or "smoke: all well")
    sys.exit(1 if wrong else 0)
