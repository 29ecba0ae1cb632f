"""Processes by session: the one tie that a killed parent does not cut.

Airflow moves its tasks and workers into process groups of their own, and a killed scheduler leaves them to
init; but all of them stay in the session of the process that was started first.
"""

from __future__ import annotations

import os
import time

import psutil

KILL_SECONDS = 5
CLOCK_SLACK_SECONDS = 1


def members(leader: int, started: float) -> list[psutil.Process]:
    """Living processes of the session that process id `leader`, born at `started` (epoch), opened.

    The leader itself is one of them while it lives. Empty if the id was given to another process since: an
    id is not given away while a session of that id has members.
    """
    if _is_another(leader, started):
        return []
    found = [process for process in psutil.process_iter() if _session(process.pid) == leader]
    return [process for process in found if not _has_ended(process)]


def _is_another(pid: int, started: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) > CLOCK_SLACK_SECONDS
    except psutil.NoSuchProcess:
        return False


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def kill(leader: int, started: float, seconds: float = KILL_SECONDS) -> int:
    """SIGKILL a session until nobody is left in it; returns how many were killed.

    Repeated because a process may fork while its session is being counted.
    """
    deadline = time.monotonic() + seconds
    killed: set[int] = set()
    while (alive := _killable(leader, started)) and time.monotonic() < deadline:
        killed.update(process.pid for process in alive)
        _kill_each(alive)
        psutil.wait_procs(alive, timeout=1)
    return len(killed)


def _killable(leader: int, started: float) -> list[psutil.Process]:
    return [process for process in members(leader, started) if process.pid != os.getpid()]


def _has_ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _kill_each(processes: list[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
