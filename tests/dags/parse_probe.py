"""Import DAG files, each in a fork of a fresh interpreter, and print a line of JSON about each.

Seconds are of that process's processor time: other work on the machine does not count. The bare import of
Airflow comes before the forks and is not counted. `parse_probe.py <cache> <DAG file>...`
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

#: Events that reach beyond this process and its files.
REACHING = ("socket.", "subprocess.", "sqlite3.", "ftplib.", "http.", "smtplib.", "urllib.", "os.system")


class Watch:
    """Remembers files opened and calls that reach outside."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, str]] = []
        self.reached: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str):
            self.opened.append((arguments[0], str(arguments[1])))
        elif event.startswith(REACHING):
            self.reached.append(f"{event} {arguments!r}")


def main(cache: str, *dag_files: str) -> None:
    """Stop at the first file that cannot be imported; it has told why."""
    # Airflow's cron timetables load croniter, which asks the system for the width of a word.
    for name in ("airflow.sdk", "croniter"):
        importlib.import_module(name)
    for number, dag_file in enumerate(dag_files):
        child = os.fork()
        if not child:
            # Nothing is remembered from an import before.
            os.environ["XDG_CACHE_HOME"] = str(Path(cache) / str(number))
            probe(dag_file)
            return
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit(1)


def probe(dag_file: str) -> None:
    """Import one file in this process."""
    before = set(sys.modules)
    watch = Watch()
    sys.addaudithook(watch)
    started = time.process_time()
    runpy.run_path(dag_file)
    seconds = time.process_time() - started
    print(
        json.dumps(
            {
                "seconds": seconds,
                "modules": sorted(set(sys.modules) - before),
                "opened": watch.opened,
                "reached": watch.reached,
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
