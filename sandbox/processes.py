"""Background processes of a sandbox: started in their own session, remembered by id and start time."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

from sandbox.exceptions import ServiceNotReady
from sandbox.layout import REPOSITORY, Sandbox

POLL_SECONDS = 0.05
LOG_TAIL = 2_000


def start(sandbox: Sandbox, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> int:
    """Run a command in the background, its output appended to `logs/<name>.log`; returns the process id.

    `env` is added to the caller's environment. Ctrl-C at the terminal does not reach the process.
    """
    sandbox.make_folders()
    with open(log_file(sandbox, name), "ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_environment(env or {}),
            cwd=REPOSITORY,
            start_new_session=True,
        )
    with sandbox.state.edit("processes") as known:
        known[name] = {"pid": process.pid, "started": psutil.Process(process.pid).create_time()}
    return process.pid


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    path = f"{REPOSITORY}:{REPOSITORY / 'plugins'}"
    return {**inherited, "PYTHONPATH": path, **extra}


def log_file(sandbox: Sandbox, name: str) -> Path:
    return sandbox.logs / f"{name}.log"


def find(sandbox: Sandbox, name: str) -> psutil.Process | None:
    """The running process of that name; None if it ended, even if its id was given to another one."""
    entry = sandbox.state.read("processes").get(name)
    if entry is None:
        return None
    try:
        process = psutil.Process(entry["pid"])
        same = abs(process.create_time() - entry["started"]) < 1
        return process if same and is_alive(process) else None
    except psutil.NoSuchProcess:
        return None


def names(sandbox: Sandbox) -> list[str]:
    """Every process ever started and not stopped since, oldest first."""
    return list(sandbox.state.read("processes"))


def wait_until(sandbox: Sandbox, name: str, ready: Callable[[], bool], seconds: float = 30) -> None:
    """Return once `ready()` is true; ServiceNotReady with the end of the log if it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if find(sandbox, name) is None:
            raise ServiceNotReady(f"{name} ended at start:\n{_tail(sandbox, name)}")
        if time.monotonic() > deadline:
            raise ServiceNotReady(f"{name} did not answer within {seconds:g} s:\n{_tail(sandbox, name)}")
        time.sleep(POLL_SECONDS)


def _tail(sandbox: Sandbox, name: str) -> str:
    return log_file(sandbox, name).read_text(errors="replace")[-LOG_TAIL:]


def stop(sandbox: Sandbox, name: str, seconds: float = 10) -> bool:
    """End a process and its children, kindly first, and forget it; False if it was not running."""
    process = find(sandbox, name)
    if process is not None:
        end([process, *_children(process)], seconds)
    with sandbox.state.edit("processes") as known:
        known.pop(name, None)
    return process is not None


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def end(processes: Sequence[psutil.Process], seconds: float) -> None:
    """SIGTERM to the first (it tells its children), SIGKILL to whoever is left after `seconds`."""
    for process in processes[:1]:
        send(process, signal.SIGTERM)
    left = wait_gone(processes, seconds)
    for process in left:
        send(process, signal.SIGKILL)
    wait_gone(left, seconds)


def wait_gone(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for processes to end; returns those that did not.

    An ended one that its parent has not looked at yet (in containers that can take seconds) counts as gone.
    """
    deadline = time.monotonic() + seconds
    while (left := [process for process in processes if is_alive(process)]) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return left


def is_alive(process: psutil.Process) -> bool:
    """False for an ended process, for a zombie, and when the id belongs to another process by now."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def send(process: psutil.Process, number: signal.Signals) -> None:
    """A signal to a process that may have ended just now."""
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def stop_all(sandbox: Sandbox) -> None:
    """End every remembered process, the last started first."""
    for name in reversed(names(sandbox)):
        stop(sandbox, name)
