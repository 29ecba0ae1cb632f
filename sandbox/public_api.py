"""The public API in the background, as `python -m regendata.api` runs it."""

from __future__ import annotations

import hashlib
import json
import sys

import requests

from sandbox import env, processes
from sandbox.layout import HOST, Sandbox

NAME = env.PUBLIC_API


def start(sandbox: Sandbox) -> None:
    """Start it, anew where addresses in its environment have changed; ServiceNotReady if it stays silent."""
    digest = hashlib.sha256(json.dumps(env.connections(sandbox)).encode()).hexdigest()
    if processes.find(sandbox, NAME) is None or sandbox.state.read(NAME).get("connections") != digest:
        _restart(sandbox)
        with sandbox.state.edit(NAME) as known:
            known["connections"] = digest
    processes.wait_until(sandbox, NAME, lambda: is_ready(sandbox))


def _restart(sandbox: Sandbox) -> None:
    processes.stop(sandbox, NAME)
    port = sandbox.state.fresh_port(NAME)
    command = [sys.executable, "-m", "regendata.api", "--host", HOST, "--port", str(port)]
    processes.start(sandbox, NAME, command, env.everything(sandbox))


def is_ready(sandbox: Sandbox) -> bool:
    try:
        return requests.get(sandbox.url(NAME, "/health"), timeout=5).ok
    except requests.ConnectionError:
        return False
