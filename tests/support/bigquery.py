"""BigQuery and Cloud Storage on this machine: two emulators that share a folder, installed apart."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from sandbox.layout import HOST, REPOSITORY

PROJECT = "regendata-test"
BUCKET = "regendata-mev"
_TOOLS = REPOSITORY / ".tools" / "bigquery"
_SETUP = REPOSITORY / "tools" / "bigquery" / "setup.sh"
_EMULATOR = REPOSITORY / "tools" / "bigquery" / "emulator.py"
#: How setup.sh ends where the emulators cannot be had.
_NOT_HERE = 3
_PATIENCE_S = 60


class NoEmulators(Exception):
    """The emulators cannot be installed here; says why."""


@dataclass(frozen=True)
class GoogleCloud:
    """Both emulators running.

    :param variables: what the google clients and Airflow's hooks need to find them.
    """

    storage_url: str
    bigquery_url: str

    @property
    def variables(self) -> Mapping[str, str]:
        extra = {"is_anonymous": True, "project": PROJECT, "num_retries": 0}
        connection = {"conn_type": "google_cloud_platform", "extra": extra}
        return {
            "STORAGE_EMULATOR_HOST": self.storage_url,
            "BIGQUERY_EMULATOR_HOST": self.bigquery_url,
            "AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT": json.dumps(connection),
        }


@contextmanager
def running(folder: Path) -> Iterator[GoogleCloud]:
    """Install what is missing, start both, stop them at the end.

    :raises NoEmulators: there are no wheels of them for this platform or Python.
    """
    _install()
    with ExitStack() as stack:
        ports = _free_ports(3)
        cloud = GoogleCloud(*(f"http://{HOST}:{port}" for port in ports[:2]))
        storage = [str(_TOOLS / "bin" / "gcp-storage-emulator"), f"--data-dir={folder}", "start"]
        storage += [f"--host={HOST}", f"--port={ports[0]}", f"--default-bucket={BUCKET}", "--quiet"]
        bigquery = [str(_TOOLS / "bin" / "python"), str(_EMULATOR), "start", "--ephemeral"]
        bigquery += [
            f"--project={PROJECT}",
            f"--rest-port={ports[1]}",
            f"--grpc-port={ports[2]}",
            "--log-level=warning",
        ]
        for name, command in {"storage": storage, "bigquery": bigquery}.items():
            stack.enter_context(_process(command, folder / f"{name}.log", folder))
        for url in (f"{cloud.storage_url}/storage/v1/b", _datasets(cloud)):
            _wait_for(url, folder)
        yield cloud


def _install() -> None:
    done = subprocess.run([str(_SETUP)], cwd=REPOSITORY, capture_output=True, text=True)
    if done.returncode == _NOT_HERE:
        raise NoEmulators(done.stderr.strip().splitlines()[-1])
    done.check_returncode()


@contextmanager
def _process(command: list[str], log: Path, folder: Path) -> Iterator[None]:
    home = {"HOME": str(_TOOLS / "home"), "BQEMU_GCS_LOCAL_ROOT": str(folder / ".cloudstorage")}
    without = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env={**without, **home}, cwd=folder)
        try:
            yield
        finally:
            process.kill()
            process.wait()


def _wait_for(url: str, folder: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    logs = "\n".join(path.read_text()[-2_000:] for path in folder.glob("*.log"))
    raise TimeoutError(f"{url} does not answer\n{logs}")


def _datasets(cloud: GoogleCloud) -> str:
    return f"{cloud.bigquery_url}/bigquery/v2/projects/{PROJECT}/datasets"


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]
