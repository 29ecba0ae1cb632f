"""What every comparison is given: a running sandbox of its own, how often to measure, where to tell."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from rich.console import Console

from sandbox import life
from sandbox.demo import ENDING_SIGNALS, ending_on_signals
from sandbox.exceptions import SandboxError
from sandbox.generator import is_seeded
from sandbox.layout import REPOSITORY, Sandbox

FOLDER = REPOSITORY / ".bench"


class BenchRuns(SandboxError):
    """Another benchmark uses this folder."""


@dataclass(frozen=True)
class Bench:
    """One run of the benchmarks.

    :param folder: holds the sandboxes; kept between runs.
    :param scale: live donations in the main sandbox.
    :param rounds: how often each side is measured; fewer when that takes long.
    :param publishes: how often each way of publishing is measured.
    :param budget_seconds: what "long" means, per comparison.
    """

    folder: Path
    scale: int
    rounds: int
    publishes: int
    budget_seconds: float
    console: Console

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox all comparisons but that of the scheduler share."""
        return Sandbox(self.folder / "sandbox")

    def tell(self, text: str) -> None:
        """A line about what goes on."""
        self.console.print(text, style="dim", highlight=False)

    def settle(self) -> None:
        """Write out what the last run left in memory, so that the next one does not pay for it."""
        with psycopg.connect(self.sandbox.dsn("postgres"), autocommit=True) as connection:
            connection.execute("CHECKPOINT")


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Refuse a second benchmark in the same folder: the first to end would stop the other's servers."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BenchRuns(f"a benchmark is already running in {folder}") from error
        with ending_on_signals():
            yield


@contextmanager
def running(sandbox: Sandbox, scale: int) -> Iterator[None]:
    """The sandbox up and this process connected to it; every process of it is stopped at the end.

    Data of another scale, or of an older generator, is thrown away with the warehouse made from it.
    """
    if sandbox.state.exists and not is_seeded(sandbox, scale):
        life.clean(sandbox)
    try:
        with connected(life.up(sandbox, scale)):
            yield
    finally:
        stop(sandbox)


@contextmanager
def connected(variables: dict[str, str]) -> Iterator[None]:
    """The connections of one sandbox in this process's environment, as `.sandbox/env` gives them."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def quieten(bench: Bench) -> None:
    """Lines of log would stand between the figures. Airflow reads its settings when it is imported."""
    os.environ["AIRFLOW_HOME"] = str(bench.sandbox.airflow_home)
    os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "WARNING"
    logging.disable(logging.INFO)


def stop(sandbox: Sandbox) -> None:
    """Stop everything; nothing interrupts it, as it takes seconds."""
    numbers = (signal.SIGINT, *ENDING_SIGNALS)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        life.down(sandbox)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
