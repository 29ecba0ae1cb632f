"""The pages as Airflow mounts them: every Airflow process loads plugins, only the API server needs pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

URL_PREFIX = "/regendata"


class PagesOnDemand:
    """An ASGI application that is built at its first request, so that no task pays for FastAPI."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            from regendata.api.pages.app import build

            self._app = build()
        await self._app(scope, receive, send)
