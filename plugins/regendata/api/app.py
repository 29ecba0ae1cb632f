"""The application of the public API. A system adds itself with a router in :data:`ROUTERS`."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI

from regendata.api import cdr_market, data_sets, leaderboard, problems, sign_ups, statistics, token_metrics
from regendata.api.cors import AllowedOrigins
from regendata.api.rate_limit import RateLimit, TokenBuckets
from regendata.settings import Settings, load

ROUTERS: Sequence[APIRouter] = (
    leaderboard.router,
    statistics.router,
    data_sets.router,
    cdr_market.router,
    token_metrics.router,
    sign_ups.router,
)
ABOUT = """Everything here is read from the last publication. Answers carry an `ETag` made of it, the time of
their sources (`X-Data-As-Of`) and that of the publication (`X-Data-Published-At`)."""


def build(settings: Settings | None = None, routers: Sequence[APIRouter] = ROUTERS) -> FastAPI:
    """The application; requests find its settings in ``app.state.settings``."""
    app = FastAPI(title="Regendata public API", description=ABOUT, docs_url="/docs", redoc_url=None)
    app.state.settings = settings or load()
    _add_middleware(app, app.state.settings)
    problems.add_handlers(app)
    app.add_api_route("/health", health, methods=["GET"])
    for router in routers:
        app.include_router(router)
    for pages in (leaderboard, statistics, cdr_market, token_metrics, sign_ups):
        pages.mount_pages(app)
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """The last one added is the first to see a request: a refusal, too, says who may read it."""
    if settings.public_api_per_minute:
        buckets = TokenBuckets(settings.public_api_per_minute / 60, settings.public_api_burst)
        app.add_middleware(RateLimit, buckets=buckets)
    app.add_middleware(AllowedOrigins, origins=origins_of(settings))


def origins_of(settings: Settings) -> tuple[str, ...]:
    """Origins of pages that may ask, as the setting lists them, comma between two."""
    return tuple(origin.strip() for origin in settings.public_api_origins.split(",") if origin.strip())


def health() -> dict[str, str]:
    """Alive; asks nobody."""
    return {"status": "ok"}
