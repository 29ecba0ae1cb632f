"""The Grants Stack Indexer's web side: the schema version it advertises, as plain text."""

from __future__ import annotations

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.upstreams.service import Service, Site, is_empty

NAME = "indexer"


def routes(site: Site) -> list[Route]:
    async def version(request: Request) -> Response:
        text = "" if is_empty(request) else str(site.board.setting(NAME, "version"))
        return PlainTextResponse(text)

    return [Route("/version", version)]


def error(status: int) -> Response:
    return PlainTextResponse(HTTPStatus(status).phrase, status)


# 88 is the schema that is still being indexed in the generated source databases.
SERVICE = Service(NAME, routes, error, {"version": "88"})
