"""The parent process of Airflow's four components: `python -m sandbox.airflow_stack.supervisor`.

Importing Airflow costs 2.4 s of CPU. Four `airflow ...` commands (and `airflow db migrate` before them) each
pay that; here one process pays it once and forks. Measured on 2 cores until all four report healthy: four
commands 15.0 s, forked 7.4 s. Collecting garbage less often takes a quarter off the api-server's own imports.

It ends the components when it is told to (SIGTERM), when one of them ends, and when its own parent is gone:
a demo killed with `kill -9` leaves nothing behind.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from sandbox.airflow_stack import sessions

# Logs are read from disk, so the log servers, whose default ports would clash between two clones, stay off.
# The api-server comes first, as it starts slowest.
COMPONENTS: dict[str, Sequence[str]] = {
    "api-server": ("--workers", "1"),
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
    "triggerer": ("--skip-serve-logs",),
}
MIGRATE = ("db", "migrate")
GARBAGE_THRESHOLDS = (50_000, 20, 100)
POLL_SECONDS = 0.2
# A triggerer takes 10 s to end even when idle; nothing it would do then is missed.
GRACE_SECONDS = 3
LOG_TAIL_BYTES = 1_500


def import_airflow() -> None:
    """Load what the components share, and keep the collector from touching (and so copying) it later."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    import airflow.__main__
    import airflow.api_fastapi.app
    import airflow.dag_processing.manager
    import airflow.jobs.scheduler_job_runner
    import airflow.jobs.triggerer_job_runner  # noqa: F401

    gc.collect()
    gc.freeze()


def fork_airflow(arguments: Sequence[str], log: Path) -> int:
    """Run `airflow <arguments>` in a child process group of this session; returns its process id."""
    child = os.fork()
    if child:
        return child
    os.setpgid(0, 0)
    _send_output_to(log)
    sys.argv = ["airflow", *arguments]
    from airflow.__main__ import main

    main()
    raise SystemExit(0)


def fork_components(logs: Path) -> Iterator[tuple[int, str]]:
    """Start each component; process id and name."""
    for name, flags in COMPONENTS.items():
        yield fork_airflow([name, *flags], log_of(logs, name)), name


def _send_output_to(log: Path) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stdout.fileno())
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)


def migrate(log: Path) -> int:
    """Bring the metadata database to this Airflow's tables; returns the exit code."""
    _, status = os.waitpid(fork_airflow(MIGRATE, log), 0)
    code = os.waitstatus_to_exitcode(status)
    if code:
        report_end("db migrate", code, log)
    return code


def log_of(folder: Path, component: str) -> Path:
    return folder / f"airflow-{component}.log"


def supervise(components: dict[int, str], parent: int, logs: Path) -> int:
    """Wait until told to stop, orphaned, or a component ends; then end them all. Returns the exit code."""
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    while not told and os.getppid() == parent:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid in components:
            name = components.pop(pid)
            report_end(name, os.waitstatus_to_exitcode(status), log_of(logs, name))
            end(components)
            return 1
        time.sleep(POLL_SECONDS)
    end(components)
    return 0


def report_end(component: str, code: int, log: Path) -> None:
    """Say which component ended and the end of what it said."""
    with open(log, "rb") as stream:
        stream.seek(max(0, log.stat().st_size - LOG_TAIL_BYTES))
        tail = stream.read().decode(errors="replace")
    print(f"airflow {component} ended with code {code}; the end of {log}:\n{tail}", flush=True)


def end(components: dict[int, str]) -> None:
    """SIGTERM to each component, SIGKILL to everything of the session that is left after the grace time."""
    for pid in components:
        os.kill(pid, signal.SIGTERM)
    psutil.wait_procs([psutil.Process(pid) for pid in components], timeout=GRACE_SECONDS)
    me = psutil.Process()
    sessions.kill(me.pid, me.create_time())


def main() -> int:
    parser = argparse.ArgumentParser(prog="sandbox.airflow_stack.supervisor", description=__doc__)
    parser.add_argument("--parent", type=int, required=True, help="process whose end ends Airflow")
    parser.add_argument("--logs", type=Path, required=True, help="folder of the components' logs")
    parser.add_argument("--migrate", action="store_true", help="migrate the metadata database first")
    args = parser.parse_args()
    import_airflow()
    if args.migrate and migrate(log_of(args.logs, "migrate")):
        return 1
    return supervise(dict(fork_components(args.logs)), args.parent, args.logs)


if __name__ == "__main__":
    sys.exit(main())
