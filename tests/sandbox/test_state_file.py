"""The sandbox's memory under two commands at once, and processes whose id went to somebody else."""

from __future__ import annotations

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox import processes
from sandbox.exceptions import NoFreePort, ServiceNotReady
from sandbox.layout import Sandbox
from sandbox.state import PORTS, State

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_commands_at_once_agree_on_a_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = list(pool.map(lambda _: State(tmp_path / "state.json").secret("one"), range(40)))
    assert len(set(secrets)) == 1


def test_commands_at_once_lose_no_port(tmp_path: Path) -> None:
    names = [f"server{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        ports = list(pool.map(State(tmp_path / "state.json").port, names))
    assert State(tmp_path / "state.json").read("ports") == dict(zip(names, ports, strict=True))
    assert len(set(ports)) == 40


def test_failed_edit_changes_nothing(tmp_path: Path) -> None:
    state = State(tmp_path / "state.json")
    with pytest.raises(ZeroDivisionError), state.edit("ports") as ports:
        ports["half"] = 1 // 0
    assert not state.exists


def test_port_is_kept_while_free_and_left_when_taken(tmp_path: Path) -> None:
    state = State(tmp_path / "state.json")
    before = state.fresh_port("spaces")
    assert before in PORTS
    assert state.fresh_port("spaces") == before
    with socket.create_server(("127.0.0.1", before)):
        assert state.fresh_port("spaces") != before


def test_no_free_port_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.state.is_free", lambda port: False)
    with pytest.raises(NoFreePort):
        State(tmp_path / "state.json").port("spaces")


def test_stopped_process_is_forgotten(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    processes.start(sandbox, "sleeper", SLEEP)
    assert processes.find(sandbox, "sleeper") is not None
    assert processes.stop(sandbox, "sleeper")
    assert not processes.stop(sandbox, "sleeper")
    assert processes.names(sandbox) == []


def test_process_that_ignores_kindness_is_killed_with_its_children(tmp_path: Path) -> None:
    stubborn = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"subprocess.Popen({SLEEP!r})\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    sandbox = Sandbox(tmp_path)
    processes.start(sandbox, "stubborn", [sys.executable, "-c", stubborn])
    log = processes.log_file(sandbox, "stubborn")
    processes.wait_until(sandbox, "stubborn", lambda: "ready" in log.read_text())
    main = processes.find(sandbox, "stubborn")
    assert main is not None
    family = [main, *main.children()]
    assert len(family) == 2
    processes.stop(sandbox, "stubborn", seconds=0.2)
    assert [process for process in family if processes.is_alive(process)] == []


def test_id_given_to_another_process_is_not_ours(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    pid = processes.start(sandbox, "sleeper", SLEEP)
    real = processes.find(sandbox, "sleeper")
    assert real is not None
    with sandbox.state.edit("processes") as known:
        known["sleeper"]["started"] -= 100
    assert processes.find(sandbox, "sleeper") is None
    assert not processes.stop(sandbox, "sleeper")
    assert processes.is_alive(real), f"process {pid} was not ours to end"
    processes.end([real], 5)


def test_process_that_ends_at_start_shows_its_log(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    processes.start(sandbox, "broken", [sys.executable, "-c", "raise SystemExit('no such config')"])
    with pytest.raises(ServiceNotReady, match="no such config"):
        processes.wait_until(sandbox, "broken", lambda: False)


def test_process_that_never_answers_is_named(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    processes.start(sandbox, "silent", SLEEP)
    with pytest.raises(ServiceNotReady, match=r"silent did not answer within 0\.1 s"):
        processes.wait_until(sandbox, "silent", lambda: False, seconds=0.1)
    processes.stop(sandbox, "silent")
