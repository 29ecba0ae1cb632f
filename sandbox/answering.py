"""Waiting for a server that was started just now."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import requests

from sandbox.exceptions import ServiceNotReady

START_SECONDS = 120
POLL_SECONDS = 0.2
LOG_TAIL = 3_000


def wait_for_answer(address: str, process: subprocess.Popen[bytes], log: Path | None = None) -> None:
    """Return once the address answers with success.

    :param log: what the server says; its end stands in the error.
    :raises ServiceNotReady: the server ended, or took too long.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(address, timeout=10).ok:
                return
        except requests.ConnectionError:
            time.sleep(POLL_SECONDS)
    told = log.read_text(errors="replace")[-LOG_TAIL:] if log else ""
    raise ServiceNotReady(f"nothing answers at {address}\n{told}".rstrip())
