"""What a DAG file costs to import: `python -m bench.parsing FILE`, in a fresh interpreter."""

from __future__ import annotations

import json
import runpy
import sys
import time


def main(path: str) -> None:
    """Print the seconds of Airflow's own SDK and of the file on top of it, as JSON."""
    began = time.perf_counter()
    from airflow.sdk import DAG, Asset, BaseOperator, Param, TaskGroup  # noqa: F401

    imported = time.perf_counter()
    runpy.run_path(path)
    print(json.dumps([imported - began, time.perf_counter() - imported]))


if __name__ == "__main__":
    main(sys.argv[1])
