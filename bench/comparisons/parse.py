"""Importing each DAG file, over what Airflow's SDK costs by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.context import Bench
from bench.measure import Timings
from bench.result import Line, Result, at_most
from sandbox.layout import REPOSITORY

IMPORTS = 5
MOST_SECONDS = 0.2


def compare(bench: Bench) -> Result:
    """Every file in a fresh interpreter, in turn."""
    files = sorted((REPOSITORY / "dags").glob("*.py"))
    for file in files:
        _import(file)  # leaves bytecode and the remembered models, as in a running Airflow
    pairs = {file: [] for file in files}  # type: dict[Path, list[tuple[float, float]]]
    for _ in range(IMPORTS):
        for file in files:
            pairs[file].append(_import(file))
    return Result(
        lines=[_line(file, found) for file, found in pairs.items()],
        samples={file.name: found for file, found in pairs.items()},
        notes=[f"{IMPORTS} fresh interpreters per file; baseline: `from airflow.sdk import DAG, ...` alone"],
    )


def _import(file: Path) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.parsing", str(file)], capture_output=True, text=True, check=True
    )
    sdk, own = json.loads(done.stdout.splitlines()[-1])
    return sdk, own


def _line(file: Path, found: list[tuple[float, float]]) -> Line:
    sdk, own = (Timings(tuple(seconds)) for seconds in zip(*found, strict=True))
    return Line(f"import of {file.name}", str(sdk), str(own), own.median, " s", at_most(MOST_SECONDS))
