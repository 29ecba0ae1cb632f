"""A secrets backend is a setting; an empty one is none, as the test of the image shows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ASK = "from airflow.sdk import BaseHook; print(BaseHook.get_connection('dune').host)"


def test_the_backend_of_the_setting_is_asked_before_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "connections.yaml"
    file.write_text("dune: {conn_type: http, host: https://backend}\n")
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__SECRETS__BACKEND": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
        "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"connections_file_path": str(file)}),
        "AIRFLOW_CONN_DUNE": json.dumps({"conn_type": "http", "host": "https://own"}),
    }
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, env=environment)
    assert done.stdout.splitlines()[-1:] == ["https://backend"], done.stderr
