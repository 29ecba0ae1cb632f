"""The carbon removal market for everybody: URLs of its files, its status, and a page that shows it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles

from regendata import paths
from regendata.hooks.cdr_bucket import Bucket
from regendata.sources.cdr.manifest import STATUS, Manifest
from regendata.sources.cdr.presign import SignedObject, answer

PAGE = "/cdr-market"
#: For how long an answer may be behind the bucket.
FRESH_S = 10.0

router = APIRouter()


@dataclass
class RecentlyRead:
    """A bucket whose pointer and manifest are not read anew for every request."""

    source: Bucket
    clock: Callable[[], float] = time.monotonic
    _read: Manifest | None = None
    _read_at: float = field(default=float("-inf"))

    @property
    def bucket(self) -> str:
        return self.source.bucket

    def published(self) -> Manifest | None:
        """The published set, at most :data:`FRESH_S` old."""
        if self.clock() - self._read_at >= FRESH_S:
            self._read, self._read_at = self.source.published(), self.clock()
        return self._read

    def exists(self, key: str) -> bool:
        """Whether there is an object of this key."""
        return self.source.exists(key)

    def sign(self, entry: SignedObject) -> str:
        """A URL that reads the object."""
        return self.source.sign(entry)


def store_of(request: Request) -> RecentlyRead:
    """The bucket of the environment that is public, connected at the first request."""
    state = request.app.state
    if not hasattr(state, "cdr_store"):
        from regendata.hooks.cdr_environments import bucket_of

        state.cdr_store = RecentlyRead(bucket_of(state.settings.public_api_cdr_env, state.settings))
    store: RecentlyRead = state.cdr_store
    return store


@router.get("/presigned-url", tags=["CDR market"])
def presigned_url(
    store: Annotated[RecentlyRead, Depends(store_of)],
    key: Annotated[
        str | None,
        Query(
            description="File of the published set; `*` is the newest", examples=["processed/orders_for_viz*"]
        ),
    ] = None,
    bucket: Annotated[str | None, Query(description="Our own bucket, or nothing")] = None,
) -> JSONResponse:
    """A URL that reads one published file for five minutes, with checksum, origin and terms."""
    reply = answer({"key": key, "bucket": bucket}, store)
    return JSONResponse(reply.body, reply.status, {"Cache-Control": "no-store"})


@router.get("/cdr-market/status", tags=["CDR market"])
def status(store: Annotated[RecentlyRead, Depends(store_of)]) -> dict[str, Any]:
    """Last success, last change, and since when the files are stale."""
    content = store.source.read(STATUS)
    return dict(json.loads(content)) if content else {"state": "never run"}


def mount_pages(app: FastAPI) -> None:
    """The page that shows the market; behind the routes, which come first."""
    app.mount(PAGE, StaticFiles(directory=paths.PAGES / "cdr_market", html=True), name="cdr_market")
