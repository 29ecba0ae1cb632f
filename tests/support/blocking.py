"""Holding a lock until the code under test runs into it: the moment at which a test ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from tests.support.warehouse import Warehouse

_WAITING = """
SELECT query FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name LIKE 'regendata%'
"""


@contextmanager
def holding(warehouse: Warehouse, statement: str) -> Iterator[None]:
    """A superuser's transaction that has run the statement; its end is the end of the block."""
    with closing(warehouse.connect("postgres", "holder")) as holder:
        holder.execute("BEGIN")
        holder.execute(statement)
        yield


def wait_for(found: Callable[[], bool], seconds: float = 60) -> None:
    """Return once it is found; TimeoutError after that many seconds."""
    deadline = time.monotonic() + seconds
    while not found():
        if time.monotonic() > deadline:
            raise TimeoutError("what the test waits for did not come")
        time.sleep(0.02)


def wait_until_blocked(warehouse: Warehouse, statement: str, seconds: float = 60) -> None:
    """Return once a session of the engine waits for a lock in a statement that holds these words."""
    wait_for(lambda: any(statement in query for (query,) in warehouse.rows(_WAITING)), seconds)
