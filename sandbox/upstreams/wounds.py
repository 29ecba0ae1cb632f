"""ASGI middleware that hurts the requests the board names."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.upstreams.service import Service
from sandbox.upstreams.trouble import Board, Trouble

PAGE = "<!doctype html><html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>"


@dataclass
class Answer:
    """An ASGI response held back whole."""

    start: Message = field(default_factory=dict)
    body: bytes = b""

    async def hold(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")

    def announcing(self, length: int) -> Message:
        """The start message with this Content-Length."""
        kept = [(name, value) for name, value in self.start["headers"] if name != b"content-length"]
        return {**self.start, "headers": [*kept, (b"content-length", b"%d" % length)]}


@dataclass
class Wounds:
    """Wraps one service's application."""

    app: ASGIApp
    service: Service
    board: Board

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(f"/{self.service.name}")
        trouble = self.board.take(self.service.name, path)
        if trouble is None:
            await self.app(scope, receive, send)
            return
        await asyncio.sleep(trouble.latency)
        instead = self._instead(trouble)
        if instead is not None:
            await instead(scope, receive, send)
            return
        await self._hurt(trouble, scope, receive, send)

    def _instead(self, trouble: Trouble) -> Response | None:
        """The response that replaces the service's own, if any."""
        if trouble.html:
            return HTMLResponse(PAGE, trouble.status or 200)
        if trouble.status is None:
            return None
        response = self.service.error(trouble.status)
        if trouble.retry_after is not None:
            response.headers["Retry-After"] = str(trouble.retry_after)
        return response

    async def _hurt(self, trouble: Trouble, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, then cut the answer short as ordered."""
        answer = Answer()
        await self.app({**scope, "regendata.empty": trouble.empty}, receive, answer.hold)
        cut = trouble.truncate or trouble.drop
        body = answer.body[: len(answer.body) // 2] if cut else answer.body
        await send(answer.announcing(len(answer.body if trouble.drop else body)))
        # With more_body the server waits for the promised rest, sees none coming and ends the connection.
        await send({"type": "http.response.body", "body": body, "more_body": trouble.drop})
