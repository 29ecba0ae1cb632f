"""What an image needs to work: every DAG loads, the public API can be made, pg_dump is there.

``smoke.py [--without-programs]``; prints what is wrong and ends with 1.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


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
    return found


if __name__ == "__main__":
    wrong = faults(programs="--without-programs" not in sys.argv[1:])
    print("\n".join(wrong) or "smoke: all well")
    sys.exit(1 if wrong else 0)
