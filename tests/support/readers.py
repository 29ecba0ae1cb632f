"""People who read published views all the time, each in a thread and a session of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

STATEMENT_LIMIT = "SET statement_timeout = '20s'"


@dataclass
class Readings:
    """What the readers met: seconds of each read, and every error."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def longest(self) -> float:
        return max(self.seconds, default=0.0)

    def wait_for_more(self, count: int, limit: float = 20) -> None:
        """Return when so many more reads were done; TimeoutError if they do not come."""
        wanted, deadline = len(self.seconds) + count, time.monotonic() + limit
        while len(self.seconds) < wanted:
            if self.errors or time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.seconds)} reads of {wanted}; {self.errors[:1]}")
            time.sleep(0.01)


@contextmanager
def readers(dsn: str, queries: Sequence[str], count: int, pause: float = 0.0) -> Iterator[Readings]:
    """`count` threads that run the queries in turn, each beginning with another one, until the block ends.

    :param pause: seconds between two reads of one reader.
    """
    readings, stop = Readings(), threading.Event()

    def read(first: int) -> None:
        with psycopg.connect(dsn, autocommit=True, application_name=f"reader {first}") as connection:
            connection.execute(STATEMENT_LIMIT)
            turn = first
            while not stop.is_set():
                _read(connection, queries[turn % len(queries)], readings)
                turn += 1
                stop.wait(pause)

    threads = [threading.Thread(target=read, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield readings
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _read(connection: psycopg.Connection, query: str, readings: Readings) -> None:
    began = time.monotonic()
    try:
        connection.execute(query).fetchall()
        readings.seconds.append(time.monotonic() - began)
    except psycopg.Error as error:
        readings.errors.append(f"{query}: {error}")
