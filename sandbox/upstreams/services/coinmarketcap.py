"""CoinMarketCap's listings/latest: prices that move by the minute, and a symbol that two assets share."""

from __future__ import annotations

import csv
import hmac
import math
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.layout import REPOSITORY
from sandbox.upstreams.service import Service, Site, is_empty

NAME = "coinmarketcap"
RULES = REPOSITORY / "include" / "static_data" / "token_metrics" / "token_rules.csv"
#: Assets beside those of the rules: two share a symbol, one has a quote with nothing in it.
OTHERS = (
    (5994, "SHIB", "Shiba Inu"),
    (18876, "APE", "ApeCoin"),
    (90001, "APE", "Ape Index"),
    (90002, "NIL", ""),
)
ERRORS = {
    401: (1001, "This API Key is invalid."),
    402: (1003, "Your API Key must be activated."),
    403: (1006, "Your API Key subscription plan doesn't support this endpoint."),
    429: (1008, "You've exceeded your API Key's HTTP request rate limit."),
    500: (500, "An internal server error occurred"),
}


def routes(site: Site) -> list[Route]:
    async def listings(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("x-cmc_pro_api_key", ""), site.secret(NAME)):
            return error(401)
        code = int(site.board.setting(NAME, "error_code"))
        if code:
            return JSONResponse({"status": _status(code, f"error {code}"), "data": []})
        start, limit = (
            int(request.query_params.get(name, value)) for name, value in (("start", 1), ("limit", 100))
        )
        age = timedelta(minutes=float(site.board.setting(NAME, "age_minutes")))
        coins = [] if is_empty(request) else list(_coins(datetime.now(timezone.utc) - age))
        return JSONResponse({"status": _status(0, None), "data": coins[start - 1 : start - 1 + limit]})

    return [Route("/v1/cryptocurrency/listings/latest", listings)]


def _coins(moment: datetime) -> Iterator[dict[str, Any]]:
    with RULES.open(encoding="utf-8", newline="") as file:
        listed = [(int(row["asset_id"]), row["token"], row["asset_name"]) for row in csv.DictReader(file)]
    for rank, (asset, symbol, name) in enumerate([*listed, *OTHERS], start=1):
        yield {
            "id": asset,
            "name": name,
            "symbol": symbol,
            "slug": name.lower().replace(" ", "-"),
            "cmc_rank": rank,
            "max_supply": None,
            "circulating_supply": 1e6 * rank,
            "total_supply": 1e6 * rank,
            "platform": None,
            "last_updated": _iso(moment),
            "quote": {"USD": _quote(rank, moment) if name else {"price": None, "last_updated": _iso(moment)}},
        }


def _quote(rank: int, moment: datetime) -> dict[str, Any]:
    price = 60_000 / rank**2 * (1 + 0.05 * math.sin(moment.timestamp() / 60 + rank))
    return {
        "price": price,
        "volume_24h": price * 1e5,
        "percent_change_1h": 0.1 * rank,
        "percent_change_24h": 5 * math.sin(rank),
        "percent_change_7d": 9 * math.cos(rank),
        "market_cap": price * 1e6 * rank,
        "last_updated": _iso(moment),
    }


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _status(code: int, message: str | None) -> dict[str, Any]:
    return {"timestamp": _iso(datetime.now(timezone.utc)), "error_code": code, "error_message": message}


def error(status: int) -> Response:
    return JSONResponse({"status": _status(*ERRORS.get(status, ERRORS[500]))}, status)


SERVICE = Service(NAME, routes, error, {"error_code": 0, "age_minutes": 1})
