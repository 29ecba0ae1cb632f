"""The front page of cdr.fyi, with the total dollars spent."""

from __future__ import annotations

import json
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from sandbox.upstreams.service import Service, Site, is_empty
from sandbox.upstreams.services.cdr_fyi import FILE

NAME = "cdr_site"
PAGE = """<!doctype html><html><head><title>CDR.fyi</title></head><body>
<section><h3 class="text-primary font-bold">1,234,567</h3><p>tons of CO<sub>2</sub> purchased</p></section>
<section><{tag} class="text-primary font-bold">{amount}</{tag}><p>spent on CO2 removal</p></section>
</body></html>"""


def routes(site: Site) -> list[Route]:
    async def front_page(request: Request) -> Response:
        content = json.loads((site.folder / FILE).read_text(encoding="utf-8"))
        amount = "" if is_empty(request) else site.board.setting(NAME, "amount") or content["dollars_spent"]
        tag = "h2" if site.board.setting(NAME, "redesigned") else "h3"
        return HTMLResponse(PAGE.format(tag=tag, amount=amount))

    return [Route("/", front_page)]


def error(status: int) -> Response:
    return PlainTextResponse(HTTPStatus(status).phrase, status)


# amount: shown in place of the file's; redesigned: the markup is another one.
SERVICE = Service(NAME, routes, error, {"amount": None, "redesigned": False})
