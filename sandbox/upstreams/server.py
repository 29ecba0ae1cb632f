"""Starts the stand-ins in the background, and orders trouble from them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import requests

from sandbox import processes
from sandbox.exceptions import BadTrouble, ServiceNotReady
from sandbox.layout import ROOT_VARIABLE, Sandbox

NAME = "upstreams"
TIMEOUT = 10


def start(sandbox: Sandbox) -> None:
    """Start the server if it is not running; ServiceNotReady if it does not answer."""
    if processes.find(sandbox, NAME) is None:
        sandbox.state.fresh_port(NAME)
        command = [sys.executable, "-m", "sandbox.upstreams"]
        processes.start(sandbox, NAME, command, {ROOT_VARIABLE: str(sandbox.root)})
    processes.wait_until(sandbox, NAME, lambda: is_ready(sandbox))


def is_ready(sandbox: Sandbox) -> bool:
    try:
        return requests.get(sandbox.url(NAME, "/_chaos"), timeout=5).ok
    except requests.ConnectionError:
        return False


@dataclass(frozen=True)
class StandIns:
    """A running server of stand-ins.

    :param url: base URL; an upstream is at `<url>/<name>`.
    """

    url: str

    def trouble(self, upstream: str, **how: Any) -> dict[str, Any]:
        """Order trouble (fields of `Trouble`) for an upstream; returns all that is ordered now."""
        return self._order({"upstream": upstream, **how})

    def set(self, upstream: str, **settings: Any) -> dict[str, Any]:
        """Change an upstream's own settings, such as indexer's `version` or dune's `state`."""
        return self._order({"upstream": upstream, "settings": settings})

    def reset(self) -> None:
        """Forget all trouble, settings and recorded requests."""
        self._call("DELETE", "/_chaos")

    def ordered(self) -> dict[str, Any]:
        return dict(self._call("GET", "/_chaos").json())

    def received(self, upstream: str | None = None) -> list[dict[str, Any]]:
        """Requests answered since the last reset, oldest first: upstream, method, path, query, status."""
        answered = self._call("GET", "/_requests").json()
        return [entry for entry in answered if upstream in (None, entry["upstream"])]

    def _order(self, wanted: dict[str, Any]) -> dict[str, Any]:
        return dict(self._call("POST", "/_chaos", json=wanted).json())

    def _call(self, method: str, path: str, **content: Any) -> requests.Response:
        try:
            response = requests.request(method, self.url + path, timeout=TIMEOUT, **content)
        except requests.ConnectionError as error:
            raise ServiceNotReady(f"no stand-ins at {self.url}: `make sandbox` starts them") from error
        if response.status_code == 400:
            raise BadTrouble(response.json()["error"])
        response.raise_for_status()
        return response


def stand_ins(sandbox: Sandbox) -> StandIns:
    return StandIns(sandbox.url(NAME))
