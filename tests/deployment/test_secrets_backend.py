"""A secrets backend is a setting; the empty one that the compose file gives by default is none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ASK = "from airflow.sdk import BaseHook; print(BaseHook.get_connection('dune').host)"
BACKEND = "airflow.secrets.local_filesystem.LocalFilesystemBackend"


@pytest.mark.parametrize(("backend", "answer"), [(BACKEND, "https://backend"), ("", "https://own")])
def test_a_connection_comes_from_the_backend_of_the_setting_first(
    tmp_path: Path, backend: str, answer: str
) -> None:
    (tmp_path / "connections.yaml").write_text("dune: {conn_type: http, host: https://backend}\n")
    arguments = json.dumps({"connections_file_path": str(tmp_path / "connections.yaml")}) if backend else ""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__SECRETS__BACKEND": backend,
        "AIRFLOW__SECRETS__BACKEND_KWARGS": arguments,
        "AIRFLOW_CONN_DUNE": json.dumps({"conn_type": "http", "host": "https://own"}),
    }
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, env=environment)
    assert done.stdout.splitlines()[-1:] == [answer], done.stderr
