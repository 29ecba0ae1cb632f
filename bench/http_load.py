"""Many clients at one HTTP server: how many answers a second, and how long each took."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sandbox.answering import wait_for_answer
from sandbox.state import choose_port

STOP_SECONDS = 60


@dataclass
class Load:
    """What clients met: seconds of each answer, and how many were no success."""

    wall_seconds: float = 0.0
    seconds: list[float] = field(default_factory=list)
    failures: int = 0

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.wall_seconds

    @property
    def median_ms(self) -> float:
        return statistics.median(self.seconds) * 1_000

    @property
    def p99_ms(self) -> float:
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[98] * 1_000

    def __str__(self) -> str:
        return f"{self.per_second:,.0f}/s, {self.median_ms:,.1f} ms, p99 {self.p99_ms:,.1f} ms"


def load(address: str, next_path: Callable[[], str], clients: int, seconds: float) -> Load:
    """Ask for ``seconds``, each client again as soon as it has its answer.

    :param next_path: path of the next request, whoever sends it.
    """
    return asyncio.run(_load(address, next_path, clients, seconds))


async def _load(address: str, next_path: Callable[[], str], clients: int, seconds: float) -> Load:
    found = Load()
    began = time.perf_counter()
    clients_at_work = (_client(address, next_path, began + seconds, found) for _ in range(clients))
    await asyncio.wait_for(asyncio.gather(*clients_at_work), seconds + STOP_SECONDS)
    found.wall_seconds = time.perf_counter() - began
    return found


async def _client(address: str, next_path: Callable[[], str], until: float, found: Load) -> None:
    """HTTP/1.1 over one connection, without a client library that would take the cores."""
    target = urlsplit(address)
    reader, writer = await asyncio.open_connection(target.hostname, target.port)
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(f"GET {next_path()} HTTP/1.1\r\nHost: {target.netloc}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        found.seconds.append(time.perf_counter() - began)
        found.failures += b" 200 " not in head.split(b"\r\n", 1)[0]
    writer.close()
    await writer.wait_closed()


@contextmanager
def public_api(workers: int, variables: Mapping[str, str]) -> Iterator[str]:
    """Address of an API of its own, until the block ends."""
    port = choose_port(set())
    command = [sys.executable, "-m", "regendata.api", "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(command, env=os.environ | dict(variables))
    try:
        wait_for_answer(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS)
