"""A network in between: a TCP proxy that holds every piece of data back, in both directions.

Run as a process of its own (`python -m bench.slow_line PORT DELAY_MS`), so that it takes no turn from
whoever it delays; prints the port it listens on. Bandwidth is not limited: many pieces are under way at once.
"""

from __future__ import annotations

import argparse
import asyncio
import selectors
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast
from urllib.parse import urlsplit, urlunsplit

import psycopg

from sandbox.layout import HOST

#: What one end may hold unsent before the other stops taking more, as in any network.
MOST_WAITING_BYTES = 64 * 1024 * 1024
SMALLEST_STEP_SECONDS = 1e-7
STOP_SECONDS = 5
PROBES = 50


@contextmanager
def slow_line(port: int, round_trip_ms: float) -> Iterator[int]:
    """A line to a local port, half of the round trip in each direction; gives the port of its near end."""
    command = [sys.executable, "-m", "bench.slow_line", str(port), str(round_trip_ms / 2)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True) as process:
        try:
            yield int(process.stdout.readline()) if process.stdout else 0
        finally:
            process.communicate(timeout=STOP_SECONDS)


def through(url: str, port: int) -> str:
    """The same database behind another port of this machine."""
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{login}@{HOST}:{port}"))


def measured_round_trip_ms(dsn: str) -> float:
    """Median of the shortest query there is."""
    return statistics.median(_probes(dsn)) * 1000


def least_round_trip_ms(dsn: str) -> float:
    """The fastest of these queries: what else the machine does counts least in it."""
    return min(_probes(dsn)) * 1000


def _probes(dsn: str) -> list[float]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return [_probe(connection) for _ in range(PROBES)]


def _probe(connection: psycopg.Connection) -> float:
    began = time.perf_counter()
    connection.execute("SELECT")
    return time.perf_counter() - began


async def serve(target: int, delay_seconds: float) -> None:
    """Listen on a free port, tell it, and delay until the standard input ends, as it does with the parent."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: NearEnd(target, delay_seconds), HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


class End(asyncio.Protocol):
    """One end of a connection; what it gets, the other end sends, so long after it came."""

    transport: asyncio.Transport

    def __init__(self, delay_seconds: float) -> None:
        self.delay_seconds = delay_seconds
        self.last_due = 0.0
        self.other: End | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._later(lambda other: other.transport.write(data))

    def eof_received(self) -> bool:
        self._later(lambda other: other.transport.write_eof())
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._later(lambda other: other.transport.close())

    def pause_writing(self) -> None:
        if self.other:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other:
            self.other.transport.resume_reading()

    def _later(self, action: Callable[[End], None]) -> None:
        """Each a moment after the one before: timers that are due together fire in any order."""
        loop = asyncio.get_running_loop()
        self.last_due = max(loop.time() + self.delay_seconds, self.last_due + SMALLEST_STEP_SECONDS)
        if self.other:
            loop.call_at(self.last_due, action, self.other)


class NearEnd(End):
    """Opens the far end when somebody connects, and listens once it is open."""

    def __init__(self, target: int, delay_seconds: float) -> None:
        super().__init__(delay_seconds)
        self.target = target

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.pause_reading()
        self.opening = asyncio.ensure_future(self._open())

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        _, far = await loop.create_connection(lambda: End(self.delay_seconds), HOST, self.target)
        self.other, far.other = far, self
        for end in (self, far):
            end.transport.set_write_buffer_limits(MOST_WAITING_BYTES)
        self.transport.resume_reading()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.slow_line", description=__doc__)
    parser.add_argument("port", type=int, help="local port the line leads to")
    parser.add_argument("delay_ms", type=float, help="delay in each direction")
    args = parser.parse_args()
    # epoll waits in whole milliseconds; select does not.
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    loop.run_until_complete(serve(args.port, args.delay_ms / 1000))


if __name__ == "__main__":
    main()
