"""The public API as a process of its own, as it runs in service."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sandbox.answering import wait_for_answer
from sandbox.state import choose_port

STOP_SECONDS = 20


@contextmanager
def public_api(settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Address of a running API.

    :param settings: environment variables besides those of the test.
    """
    port = choose_port(set())
    command = [sys.executable, "-m", "regendata.api", "--port", str(port)]
    process = subprocess.Popen(command, env=os.environ | dict(settings or {}))
    try:
        wait_for_answer(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS)
