"""Independent pieces of work on several connections, each in a transaction of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

from regendata.hooks.postgres import PgConnection, connect

Job = TypeVar("Job")
Done = TypeVar("Done")


def side_by_side(
    conn: PgConnection, jobs: Iterable[Job], work: Callable[[PgConnection, Job], Done], connections: int
) -> list[Done]:
    """Do every job once, the oldest first, on so many connections; what came of each, in any order.

    A single job, or a single connection, needs no other than ``conn``. After an error no job is begun any
    more; those under way end, then the error is raised.
    """
    waiting = deque(jobs)
    if min(len(waiting), connections) < 2:
        return [work(conn, job) for job in waiting]
    done: list[Done] = []

    def take(own: PgConnection) -> None:
        while waiting:
            try:
                done.append(work(own, waiting.popleft()))
            except BaseException:
                waiting.clear()
                raise

    with ExitStack() as others, ThreadPoolExecutor(connections) as pool:
        opened = [others.enter_context(connect()) for _ in range(min(len(waiting), connections))]
        for taken in [pool.submit(take, own) for own in opened]:
            taken.result()
    return done


def set_work_mem(conn: PgConnection, work_mem: str) -> None:
    """Memory of a sort or a hash, up to the end of the transaction."""
    conn.execute("SELECT set_config('work_mem', %s, true)", [work_mem])
