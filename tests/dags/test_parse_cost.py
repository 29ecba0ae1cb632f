"""Importing a DAG file is cheap and touches nothing but the repository: Airflow does it all the time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from regendata import paths
from tests.dags.conftest import DAG_FILES

PROBE = Path(__file__).with_name("parse_probe.py")
MOST_SECONDS = 1.0
TRIES = 3
#: Libraries that tasks import inside `execute`.
HEAVY = {
    "aiohttp",
    "asyncpg",
    "boto3",
    "botocore",
    "duckdb",
    "dune_client",
    "googleapiclient",
    "httplib2",
    "numpy",
    "pandas",
    "psycopg",
    "pyarrow",
    "requests",
    "sqlalchemy",
}


def _probe(*dag_files: Path) -> dict[Path, dict[str, Any]]:
    """Imports in forks of one new interpreter, with nothing remembered from an earlier one."""
    with TemporaryDirectory() as empty:
        environment = os.environ | {
            "PYTHONPATH": f"{paths.REPOSITORY}:{paths.REPOSITORY / 'plugins'}",
        }
        done = subprocess.run(
            [sys.executable, str(PROBE), empty, *map(str, dag_files)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"seconds"')]
    for one in found:
        one["opened"] = [(path, mode) for path, mode in one["opened"] if not path.startswith(empty)]
    return dict(zip(dag_files, found, strict=True))


@cache
def _all() -> dict[Path, dict[str, Any]]:
    return _probe(*DAG_FILES)


@cache
def _best(dag_file: Path) -> dict[str, Any]:
    """The first probe within the limit, or the last of three."""
    found = _all()[dag_file]
    for _ in range(1, TRIES):
        if found["seconds"] < MOST_SECONDS:
            break
        found = _probe(dag_file)[dag_file]
    return found


def test_takes_less_than_a_second(dag_file: Path) -> None:
    assert _best(dag_file)["seconds"] < MOST_SECONDS


def test_loads_no_heavy_library(dag_file: Path) -> None:
    modules = {name.partition(".")[0] for name in _best(dag_file)["modules"]}
    assert "regendata" in modules
    assert modules & HEAVY == set()


def test_reaches_for_nothing_outside(dag_file: Path) -> None:
    assert _best(dag_file)["reached"] == []


def test_reads_only_code_and_the_repository(dag_file: Path) -> None:
    opened = [(Path(path), mode) for path, mode in _best(dag_file)["opened"]]
    assert any(path == dag_file for path, _ in opened)
    known = (paths.REPOSITORY, Path(sys.prefix), Path(sys.base_prefix), Path(os.devnull))
    assert [path for path, _ in opened if not any(path.is_relative_to(one) for one in known)] == []


def test_writes_nothing_but_bytecode(dag_file: Path) -> None:
    written = [
        path
        for path, mode in _best(dag_file)["opened"]
        if set(mode) & set("wax+") and "__pycache__" not in path and path != os.devnull
    ]
    assert written == []
