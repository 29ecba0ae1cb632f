"""Healthcheck of a container: ``healthcheck.py URL [COMPONENT]``.

With a component (``triggerer``, ``dag_processor``) the URL is that of Airflow's health report, and the
component's heartbeat in it counts. Asking costs milliseconds; ``airflow jobs check`` takes seconds of CPU.
"""

from __future__ import annotations

import json
import sys
from urllib.error import URLError
from urllib.request import urlopen

TIMEOUT_S = 5


def problem(url: str, component: str | None = None) -> str | None:
    """What is wrong, None when nothing is."""
    try:
        with urlopen(url, timeout=TIMEOUT_S) as answer:
            body = answer.read()
    except (URLError, TimeoutError) as error:
        return f"{url}: {error}"
    if component is None:
        return None
    state = json.loads(body).get(component) or {}
    return None if state.get("status") == "healthy" else f"{component}: {state.get('status', 'unknown')}"


def main(arguments: list[str]) -> int:
    """0 when healthy, else 1 with a line that says why."""
    found = problem(*arguments)
    if found:
        print(found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
