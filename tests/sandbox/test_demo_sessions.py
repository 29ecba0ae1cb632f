"""Nothing is left behind: sessions are killed whole, and the supervisor ends what it started."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.airflow_stack import sessions

# A leader whose child left its process group, as Airflow's tasks do, and had a child of its own.
TREE = """
import os, subprocess, sys, time
def escape():
    os.setpgid(0, 0)
child = subprocess.Popen(["sh", "-c", "sleep 60 & sleep 60"], preexec_fn=escape)
time.sleep(60)
"""
SUPERVISED = """
import os, sys
from pathlib import Path
from sandbox.airflow_stack import supervisor
parent, logs, command = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
pid = os.fork()
if not pid:
    os.execvp("sh", ["sh", "-c", command])
sys.exit(supervisor.supervise({pid: "scheduler"}, parent or os.getppid(), logs))
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Run Python code in a session of its own; whatever is left of it is killed."""
    started: list[tuple[subprocess.Popen[str], float]] = []

    def run(code: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        started.append((process, psutil.Process(process.pid).create_time()))
        return process

    yield run
    for process, moment in started:
        sessions.kill(process.pid, moment)
        process.communicate()


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_session_is_found_and_killed_after_its_leader_is_gone(start: Start) -> None:
    leader = start(TREE)
    moment = psutil.Process(leader.pid).create_time()
    wait_for(lambda: len(sessions.members(leader.pid, moment)) == 4)
    leader.kill()
    leader.wait()
    assert len(sessions.members(leader.pid, moment)) == 3
    assert sessions.kill(leader.pid, moment) == 3
    assert sessions.members(leader.pid, moment) == []


def test_process_id_of_another_process_is_left_alone(start: Start) -> None:
    other = start("import time; time.sleep(60)")
    earlier = psutil.Process(other.pid).create_time() - 3600
    assert sessions.members(other.pid, earlier) == []
    assert sessions.kill(other.pid, earlier) == 0
    assert other.poll() is None


@pytest.mark.parametrize("end", ["told", "orphaned"])
def test_supervisor_ends_its_components(start: Start, tmp_path: Path, end: str) -> None:
    parent = "0" if end == "told" else "1"
    supervisor = start(SUPERVISED, parent, str(tmp_path), "trap '' TERM; sleep 60 & wait; wait; sleep 60")
    moment = psutil.Process(supervisor.pid).create_time()
    if end == "told":
        wait_for(lambda: len(sessions.members(supervisor.pid, moment)) == 3)
        time.sleep(0.3)
        supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(timeout=10) == 0
    assert sessions.members(supervisor.pid, moment) == []


def test_supervisor_tells_which_component_ended_and_what_it_said(start: Start, tmp_path: Path) -> None:
    (tmp_path / "airflow-scheduler.log").write_text("early\n" * 1000 + "ValueError: no such executor\n")
    supervisor = start(SUPERVISED, "0", str(tmp_path), "exit 3")
    said, _ = supervisor.communicate(timeout=10)
    assert supervisor.returncode == 1
    assert "airflow scheduler ended with code 3" in said
    assert said.rstrip().endswith("ValueError: no such executor")
    assert len(said) < 2_000
