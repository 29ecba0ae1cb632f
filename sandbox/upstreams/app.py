"""The application: every service under its name, `/_chaos` orders trouble, `/_requests` tells what came."""

from __future__ import annotations

import importlib
import pkgutil
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.bootstrap import ANALYST, WAREHOUSE
from sandbox.exceptions import BadTrouble
from sandbox.layout import Sandbox
from sandbox.upstreams import services
from sandbox.upstreams.service import Service, Site
from sandbox.upstreams.trouble import Board, Trouble
from sandbox.upstreams.wounds import Wounds

REMEMBERED_REQUESTS = 10_000


def discover() -> dict[str, Service]:
    """The `SERVICE` of each module in `services/`, by name."""
    modules = (importlib.import_module(f"{services.__name__}.{info.name}") for info in _modules())
    return {module.SERVICE.name: module.SERVICE for module in modules}


def _modules() -> list[pkgutil.ModuleInfo]:
    return list(pkgutil.iter_modules(services.__path__))


@dataclass
class Journal:
    """Records each request to a service: upstream, method, path, query, status."""

    app: ASGIApp
    upstream: str
    entries: deque[dict[str, Any]]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        entry = {
            "upstream": self.upstream,
            "method": scope["method"],
            "path": scope["path"].removeprefix(f"/{self.upstream}"),
            "query": scope["query_string"].decode(),
            "status": None,
        }
        self.entries.append(entry)

        async def note(message: Message) -> None:
            entry["status"] = message.get("status", entry["status"])
            await send(message)

        await self.app(scope, receive, note)


@dataclass
class Control:
    """The endpoints that order trouble and tell what was asked."""

    board: Board
    entries: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=REMEMBERED_REQUESTS))

    def routes(self) -> list[Route]:
        return [
            Route("/_chaos", self.show, methods=["GET"]),
            Route("/_chaos", self.order, methods=["POST"]),
            Route("/_chaos", self.reset, methods=["DELETE"]),
            Route("/_requests", self.requests, methods=["GET"]),
        ]

    async def show(self, _: Request) -> Response:
        return JSONResponse(self.board.show())

    async def order(self, request: Request) -> Response:
        """Body: a Trouble, or {"upstream": name, "settings": {name: value}}."""
        wanted = await request.json()
        try:
            self._apply(wanted)
        except BadTrouble as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(self.board.show(), 201)

    def _apply(self, wanted: dict[str, Any]) -> None:
        known = self.board.defaults
        if wanted.get("upstream", "*") not in {"*", *known}:
            raise BadTrouble(f"no upstream {wanted['upstream']}; known: {', '.join(sorted(known))}")
        if "settings" in wanted:
            self.board.change(wanted["upstream"], wanted["settings"])
        else:
            self.board.troubles.append(Trouble.parse(wanted))

    async def reset(self, _: Request) -> Response:
        self.board.reset()
        self.entries.clear()
        return JSONResponse(self.board.show())

    async def requests(self, _: Request) -> Response:
        return JSONResponse(list(self.entries))


def build(sandbox: Sandbox) -> Starlette:
    """The application with every discovered service."""
    found = discover()
    board = Board(defaults={name: service.settings for name, service in found.items()})
    control = Control(board)
    site = Site(sandbox.upstreams, sandbox.secret, board, lambda: sandbox.dsn(WAREHOUSE, ANALYST))
    mounts = [_mount(service, site, control) for service in found.values()]
    return Starlette(routes=[*control.routes(), *mounts])


def _mount(service: Service, site: Site, control: Control) -> Mount:
    wounded = Wounds(Starlette(routes=service.routes(site)), service, site.board)
    return Mount(f"/{service.name}", app=Journal(wounded, service.name, control.entries))
