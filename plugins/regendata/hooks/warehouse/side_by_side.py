"""Independent pieces of work on several connections, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from queue import SimpleQueue
from typing import TypeVar

from regendata.hooks.postgres import PgConnection, connect

Job = TypeVar("Job")
Done = TypeVar("Done")


def side_by_side(
    conn: PgConnection, jobs: Sequence[Job], work: Callable[[PgConnection, Job], Done], connections: int
) -> list[Done]:
    """Do every job once, begun in their order, on so many connections; what came of each, in that order.

    A single job, or a single connection, needs no other than ``conn``. After an error no job is begun any
    more; those under way end, then the error is raised.
    """
    if min(len(jobs), connections) < 2:
        return [work(conn, job) for job in jobs]
    idle: SimpleQueue[PgConnection] = SimpleQueue()

    def take(job: Job) -> Done:
        own = idle.get()
        try:
            return work(own, job)
        finally:
            idle.put(own)

    with ExitStack() as others, ThreadPoolExecutor(connections) as pool:
        for own in (conn, *(others.enter_context(connect()) for _ in range(1, connections))):
            idle.put(own)
        futures = [pool.submit(take, job) for job in jobs]
        wait(futures, return_when=FIRST_EXCEPTION)
        pool.shutdown(cancel_futures=True)
        # A cancelled one comes after the one that failed, as they are begun in their order.
        return [future.result() for future in futures]


def set_work_mem(conn: PgConnection, work_mem: str) -> None:
    """Memory of a sort or a hash, up to the end of the transaction."""
    conn.execute("SELECT set_config('work_mem', %s, true)", [work_mem])
