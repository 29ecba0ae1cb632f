"""`make demo`: the whole company on one machine, run by the real scheduler, then a table of results."""

from __future__ import annotations

import argparse
import fcntl
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql
from rich.console import Console

from sandbox import bootstrap, env, life, objects, public_api
from sandbox.airflow_stack import AirflowStack
from sandbox.demo_result import SYSTEMS, read_published, result_table
from sandbox.demo_runs import DagRunResult, explain, run_dag
from sandbox.exceptions import SandboxError
from sandbox.generator import is_seeded
from sandbox.layout import Sandbox
from sandbox.progress import progress

REFRESH = "grants_every_4_hours"
DEFAULT_DAGS = ("grants_static_data", "grants_every_day", REFRESH)
PLAIN_WIDTH = 140
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
POLL_SECONDS = 0.5


class DemoRuns(SandboxError):
    """Another demo uses this sandbox."""


class AirflowEnded(SandboxError):
    """Airflow stopped by itself while the demo was up."""


@dataclass
class Phases:
    """Durations, told as they come and once more at the end."""

    console: Console
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.add(name, time.monotonic() - began)

    def add(self, name: str, seconds: float) -> None:
        self.seconds[name] = seconds
        self.console.print(f"{name}: {seconds:.1f} s", highlight=False)

    def summary(self) -> str:
        parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())
        return f"{sum(self.seconds.values()):.1f} s in all: {parts}"


def main(args: argparse.Namespace) -> int:
    """Run the demo; returns the exit code: 0 if every DAG run succeeded, 130 after Ctrl-C during one.

    :param args: `once` (bool), `scale` (int), `data` (folder or None), `dags` (list of ids or None).
    """
    sandbox = Sandbox.default()
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    with only_demo(sandbox), ending_on_signals():
        try:
            return Demo(sandbox, AirflowStack(sandbox), console).run(args)
        except KeyboardInterrupt:
            return 128 + signal.SIGINT
        finally:
            shut_down(sandbox, console)


@dataclass
class Demo:
    """One run of the demo from nothing to its results."""

    sandbox: Sandbox
    stack: AirflowStack
    console: Console

    def run(self, args: argparse.Namespace) -> int:
        phases = Phases(self.console)
        self.bring_up(args, phases)
        results = self.run_dags(args.dags or DEFAULT_DAGS, phases)
        succeeded = all(result.succeeded for result in results)
        if succeeded:
            self.show_published([result.dag_id for result in results])
        self.console.print(phases.summary(), highlight=False)
        if not args.once:
            self.stay_up()
        self.pause(result.dag_id for result in results)
        return 0 if succeeded else 1

    def bring_up(self, args: argparse.Namespace, phases: Phases) -> None:
        """Servers, sources and Airflow; the sources are filled while Airflow starts."""
        with phases.phase("databases, S3, upstreams"):
            life.start_servers(self.sandbox)
            if not is_seeded(self.sandbox, args.scale, args.data):
                empty_warehouse(self.sandbox)
        self.stack.start()
        with phases.phase("sources"):
            life.fill(self.sandbox, args.scale, args.data)
            objects.upload_archives(self.sandbox)
            public_api.start(self.sandbox)
        with phases.phase("Airflow"):
            self.stack.wait_healthy()

    def run_dags(self, dag_ids: Sequence[str], phases: Phases) -> list[DagRunResult]:
        """One after the other; the first failure ends the row."""
        results: list[DagRunResult] = []
        for dag_id in dag_ids:
            self.console.rule(dag_id, align="left")
            with progress(self.console) as shown:
                results.append(run_dag(self.stack, dag_id, shown))
            phases.add(dag_id, results[-1].seconds)
            if not results[-1].succeeded:
                self.tell_failure(results[-1])
                break
        return results

    def show_published(self, dag_ids: Sequence[str]) -> None:
        """A row per relation that these DAGs publish."""
        warehouse = self.sandbox.dsn(bootstrap.WAREHOUSE, bootstrap.OWNER)
        systems = [SYSTEMS[dag_id] for dag_id in dag_ids if dag_id in SYSTEMS]
        found = [item for system in systems for item in read_published(warehouse, system)]
        if found:
            self.console.print(result_table(found))

    def pause(self, dag_ids: Iterable[str]) -> None:
        """Keep the scheduler from making a run that is overdue the moment the next demo starts."""
        api = self.stack.api()
        for dag_id in dag_ids:
            api.set_paused(dag_id, True)

    def tell_failure(self, result: DagRunResult) -> None:
        for line in explain(self.stack.api(), result):
            self.console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)

    def stay_up(self) -> None:
        """Until Ctrl-C, which is the normal end."""
        password = env.airflow_password(self.sandbox)
        self.console.print(f"Airflow: {self.stack.url}  {env.AIRFLOW_USER} / {password}", highlight=False)
        public = self.sandbox.url(public_api.NAME)
        self.console.print(
            f"Public API: {public}/docs  Carbon removal market: {public}/cdr-market/", highlight=False
        )
        self.console.print("Ctrl-C stops everything; the data stays.", highlight=False)
        try:
            while self.stack.is_running():
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            return
        raise AirflowEnded(f"Airflow ended; its logs are in {self.sandbox.logs}")


def empty_warehouse(sandbox: Sandbox) -> None:
    """Start the warehouse from nothing: other sources are another company, whose checks would all fail."""
    with psycopg.connect(sandbox.dsn("postgres"), autocommit=True) as connection:
        name = sql.Identifier(bootstrap.WAREHOUSE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
    bootstrap.bootstrap(sandbox)


@contextmanager
def only_demo(sandbox: Sandbox) -> Iterator[None]:
    """Refuse a second demo, which would stop the first one's Airflow."""
    sandbox.make_folders()
    with open(sandbox.root / "demo.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoRuns(f"a demo is already running in {sandbox.root}") from error
        yield


@contextmanager
def ending_on_signals() -> Iterator[None]:
    """Make SIGTERM and SIGHUP unwind the stack as Ctrl-C does."""

    def leave(number: int, _: object) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def shut_down(sandbox: Sandbox, console: Console) -> None:
    """Stop Airflow, then the servers; nothing interrupts it, as it ends within seconds."""
    for number in (signal.SIGINT, *ENDING_SIGNALS):
        signal.signal(number, signal.SIG_IGN)
    began = time.monotonic()
    life.down(sandbox)
    console.print(f"stopped: {time.monotonic() - began:.1f} s", highlight=False)
