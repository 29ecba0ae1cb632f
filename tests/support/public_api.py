"""The public API as a process of its own, as it runs in service."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import requests

from sandbox.state import choose_port

START_SECONDS = 60
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
        yield _answering(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS)


def _answering(url: str, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{url}/health", timeout=5).ok:
                return url
        except requests.ConnectionError:
            time.sleep(0.2)
    raise AssertionError(f"the API does not answer at {url}")
