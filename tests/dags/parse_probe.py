"""Import one DAG file in a fresh interpreter and print, as JSON, what that took.

Seconds are of this process's processor time: other work on the machine does not count. The bare import of
Airflow comes first and is not counted. `parse_probe.py <DAG file>`
"""

from __future__ import annotations

import importlib
import json
import runpy
import sys
import time
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


def main(dag_file: str) -> None:
    # Airflow's cron timetables load croniter, which asks the system for the width of a word.
    for name in ("airflow.sdk", "croniter"):
        importlib.import_module(name)
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
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
