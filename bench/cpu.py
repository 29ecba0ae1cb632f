"""CPU seconds of this process and of a database server with all its sessions, the ended ones included."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

#: After so long, a session that ended stands in its server's account.
REAPED_S = 0.5


@dataclass(frozen=True)
class Spent:
    """What something took.

    :param wall: seconds by the clock.
    :param cpu: seconds of all cores.
    """

    wall: float
    cpu: float


def spent(work: Callable[[], object], pgdata: Path) -> Spent:
    """Do it, and tell what it took.

    :param pgdata: data folder of the server that works along.
    """
    server = psutil.Process(int((pgdata / "postmaster.pid").read_text().split()[0]))
    cpu, wall = _cpu(server), time.perf_counter()
    work()
    wall = time.perf_counter() - wall
    time.sleep(REAPED_S)
    return Spent(wall, _cpu(server) - cpu)


def _cpu(server: psutil.Process) -> float:
    """A server waits for its sessions as they end, so their seconds stand in its own account by then."""
    own = server.cpu_times()
    ended = own.children_user + own.children_system
    return time.process_time() + own.user + own.system + ended + sum(map(_of_session, server.children()))


def _of_session(session: psutil.Process) -> float:
    try:
        times = session.cpu_times()
    except psutil.NoSuchProcess:
        return 0
    return times.user + times.system
