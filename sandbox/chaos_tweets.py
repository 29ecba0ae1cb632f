"""Trouble inside the database that counts tweets: late rows, revised counts, a clock that is ahead, churn.

Every function takes the superuser's URL of the database and returns the rows it touched; nothing takes that
back. For a source that is not there, `chaos_db.down` and `up` take this database as well.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from sandbox.exceptions import BadTrouble

_REVISE = """
UPDATE tweetvolumeshours SET count = count + 1
WHERE "timestamp" > (SELECT max("timestamp") FROM tweetvolumeshours) - %(seconds)s
"""
# The rows of the newest hour once more, under an id and at a time of their own.
_SHIFTED = """
INSERT INTO tweetvolumeshours (id, timezone, "timestamp", date, symbol, count, sentiment)
SELECT id || %(suffix)s, timezone, "timestamp" + %(seconds)s, date + %(seconds)s * interval '1 s',
  symbol, count, sentiment
FROM tweetvolumeshours WHERE "timestamp" = (SELECT max("timestamp") FROM tweetvolumeshours)
"""
HOUR = 3_600
PAUSE_S = 0.01


def revise(dsn: str, hours: int) -> int:
    """Count one tweet more in every row of the newest hours."""
    return _do(dsn, _REVISE, seconds=hours * HOUR)


def late(dsn: str, hours: int) -> int:
    """Rows for an hour so long before the newest one, as if they came only now."""
    return _do(dsn, _SHIFTED, seconds=-hours * HOUR, suffix=f"-late-{time.time_ns()}")


def skew(dsn: str, hours: int) -> int:
    """Rows of an hour so long after the newest one, as from a collector whose clock is ahead."""
    return _do(dsn, _SHIFTED, seconds=hours * HOUR, suffix=f"-skewed-{time.time_ns()}")


@contextmanager
def churning(dsn: str, hours: int) -> Iterator[None]:
    """Rows of the newest hours are revised again and again, at least once before and once within."""
    is_over = threading.Event()
    turns = threading.Semaphore(0)

    def churn() -> None:
        while not is_over.wait(PAUSE_S):
            revise(dsn, hours)
            turns.release()

    revising = threading.Thread(target=churn, daemon=True)
    revising.start()
    try:
        turns.acquire()
        yield
        turns.acquire()
    finally:
        is_over.set()
        revising.join()


def churn(dsn: str, hours: int, seconds: float) -> None:
    """The same for so long."""
    with churning(dsn, hours):
        time.sleep(seconds)


def _do(dsn: str, statement: str, **parameters: object) -> int:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(statement, parameters).rowcount
    if not rows:
        raise BadTrouble("tweetvolumeshours has no row to make trouble with")
    return rows
