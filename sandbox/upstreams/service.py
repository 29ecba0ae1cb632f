"""What one upstream stand-in consists of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.upstreams.trouble import Board


@dataclass(frozen=True)
class Site:
    """What a stand-in may use: its files, its secrets, its settings, and the warehouse as analysts see it."""

    folder: Path
    secret: Callable[[str], str]
    board: Board
    analyst_url: Callable[[], str]


@dataclass(frozen=True)
class Service:
    """A stand-in, mounted under `/<name>`.

    :param routes: makes its Starlette routes.
    :param error: its answer to an HTTP status of 400 and above, in its own wire format.
    :param settings: names and defaults of what the trouble command can change beyond HTTP itself.
    """

    name: str
    routes: Callable[[Site], list[Route]]
    error: Callable[[int], Response]
    settings: Mapping[str, Any] = field(default_factory=dict)


def is_empty(request: Request) -> bool:
    """Whether trouble wants this request answered with nothing found."""
    return bool(request.scope.get("regendata.empty"))
