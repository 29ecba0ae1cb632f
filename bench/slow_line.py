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
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg

from sandbox.layout import HOST

PIECE_BYTES = 256 * 1024
#: Pieces under way per direction; more wait with the sender, as in any network.
IN_FLIGHT = 256
STOP_SECONDS = 5
PROBES = 50


@contextmanager
def slow_line(port: int, round_trip_ms: float) -> Iterator[int]:
    """A line to a local port, half of the round trip in each direction; gives the port of its near end."""
    command = [sys.executable, "-m", "bench.slow_line", str(port), str(round_trip_ms / 2)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline()) if process.stdout else 0
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def through(url: str, port: int) -> str:
    """The same database behind another port of this machine."""
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{login}@{HOST}:{port}"))


def measured_round_trip_ms(dsn: str) -> float:
    """Median of the shortest query there is."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return statistics.median(_probe(connection) for _ in range(PROBES)) * 1000


def _probe(connection: psycopg.Connection) -> float:
    began = time.perf_counter()
    connection.execute("SELECT")
    return time.perf_counter() - began


async def serve(target: int, delay_seconds: float) -> None:
    """Listen on a free port, tell it, and delay until terminated."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, target, limit=PIECE_BYTES)
        await asyncio.gather(
            delayed(reader, far_writer, delay_seconds), delayed(far_reader, writer, delay_seconds)
        )
        for end in (writer, far_writer):
            end.close()

    server = await asyncio.start_server(accept, HOST, 0, limit=PIECE_BYTES)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def delayed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_seconds: float) -> None:
    """Pass everything on, each piece so long after it came; an end of data too."""
    line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(IN_FLIGHT)
    await asyncio.gather(_take(reader, line, delay_seconds), _give(line, writer))


async def _take(
    reader: asyncio.StreamReader, line: asyncio.Queue[tuple[float, bytes]], delay_seconds: float
) -> None:
    piece = b"first"
    while piece:
        piece = await reader.read(PIECE_BYTES)
        await line.put((time.monotonic() + delay_seconds, piece))


async def _give(line: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
    while True:
        due, piece = await line.get()
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if not piece:
            writer.write_eof()
            return
        writer.write(piece)
        await writer.drain()


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
