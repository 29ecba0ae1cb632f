"""The public API in the background, as `python -m regendata.api` runs it."""

from __future__ import annotations

import sys

import requests

from sandbox import env, processes
from sandbox.layout import HOST, Sandbox

NAME = env.PUBLIC_API


def start(sandbox: Sandbox) -> None:
    """Start it anew, as addresses in its environment may have changed; ServiceNotReady if it stays silent."""
    processes.stop(sandbox, NAME)
    port = sandbox.state.fresh_port(NAME)
    command = [sys.executable, "-m", "regendata.api", "--host", HOST, "--port", str(port)]
    processes.start(sandbox, NAME, command, env.everything(sandbox))
    processes.wait_until(sandbox, NAME, lambda: is_ready(sandbox))


def is_ready(sandbox: Sandbox) -> bool:
    try:
        return requests.get(sandbox.url(NAME, "/health"), timeout=5).ok
    except requests.ConnectionError:
        return False
