"""Which pages of other origins may read answers: a list, and nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from regendata.sources.cdr.presign import cors_headers


@dataclass
class AllowedOrigins:
    """ASGI middleware: answers preflights, and marks answers for origins on the list."""

    app: ASGIApp
    origins: Sequence[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = cors_headers(Headers(scope=scope).get("origin"), self.origins)
        if scope["method"] == "OPTIONS":
            await Response(headers=headers)(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        await self.app(scope, receive, marked)
