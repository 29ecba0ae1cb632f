"""The demo as a person starts it: killed hard, started again, ended; nothing is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from sandbox import life, postgres, processes
from sandbox.airflow_stack import sessions
from sandbox.layout import REPOSITORY, ROOT_VARIABLE, Sandbox
from sandbox.temporary import temporary_sandbox

STATIC_DATA = "grants_static_data"
START_SECONDS = 240


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with temporary_sandbox() as empty:
        try:
            yield empty
        finally:
            life.down(empty)


def demo(sandbox: Sandbox) -> subprocess.Popen[str]:
    """Load the static data once, in a process of its own."""
    command = [sys.executable, "-m", "sandbox", "demo", "--once", "--scale", "500", "--dags", STATIC_DATA]
    environment = {**os.environ, ROOT_VARIABLE: str(sandbox.root), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True)


def read_until(process: subprocess.Popen[str], beginning: str) -> None:
    """Skip the output up to a line that begins so."""
    stream = process.stdout or iter(())
    assert any(line.startswith(beginning) for line in stream), f"ended without a line {beginning}..."


def airflow_session(sandbox: Sandbox) -> tuple[int, float]:
    supervisor = processes.find(sandbox, "airflow")
    assert supervisor is not None
    return supervisor.pid, supervisor.create_time()


@pytest.mark.slow
def test_killed_demo_takes_airflow_along_and_the_next_one_ends_clean(sandbox: Sandbox) -> None:
    killed = demo(sandbox)
    read_until(killed, "Airflow:")
    session = airflow_session(sandbox)
    killed.kill()
    killed.communicate()
    deadline = time.monotonic() + 20
    while sessions.members(*session):
        assert time.monotonic() < deadline, "Airflow outlives the demo"
        time.sleep(0.1)

    again = demo(sandbox)
    said, _ = again.communicate(timeout=START_SECONDS)
    assert again.returncode == 0, said
    assert f"{STATIC_DATA}: " in said
    assert "Published relations" not in said, "no refresh was asked for"
    assert postgres.postmaster(sandbox) is None
    assert processes.names(sandbox) == []
    assert [process for process in psutil.process_iter(["cmdline"]) if belongs(process, sandbox)] == []


def belongs(process: psutil.Process, sandbox: Sandbox) -> bool:
    return any(str(sandbox.root) in part for part in process.info["cmdline"] or [])
