"""X's API v2: posts with a picture, signed with OAuth 1.0a. Posts stand in `x_posts.json`."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from oauthlib.common import Request as SignedRequest
from oauthlib.oauth1.rfc5849.signature import verify_hmac_sha1
from oauthlib.oauth1.rfc5849.utils import parse_authorization_header, unescape
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.upstreams.kept import Kept
from sandbox.upstreams.service import Service, Site

NAME = "x"
POSTS = "x_posts.json"
#: What clients sign, wherever a stand-in is.
HOST = "https://api.twitter.com"
LONGEST_WORDS = 1_000
FIRST_ID = 1_900_000_000_000_000_000
KEYS = ("x_consumer_key", "x_consumer_secret", "x_access_token", "x_access_secret")
TITLES = {
    400: ("Invalid Request", "One or more parameters to your request was invalid."),
    401: ("Unauthorized", "Unauthorized"),
    403: ("Forbidden", "You are not permitted to perform this action."),
    404: ("Not Found Error", "Not Found"),
    429: ("Too Many Requests", "Too Many Requests"),
    503: ("Service Unavailable", "Service Unavailable"),
}
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass
class X:
    """The endpoints, and pictures that were uploaded since the server started."""

    site: Site
    pictures: dict[str, str] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        return [
            Route("/2/tweets", self._signed(self.post), methods=["POST"]),
            Route("/2/media/upload", self._signed(self.upload), methods=["POST"]),
            Route("/2/media/metadata", self._signed(self.describe), methods=["POST"]),
        ]

    async def post(self, request: Request) -> Response:
        given, kept = await request.json(), Kept(self.site.folder / POSTS)
        text, media = given.get("text", ""), given.get("media", {}).get("media_ids", [])
        if not text or not set(media) <= set(self.pictures):
            return error(400)
        if any(post["text"] == text for post in kept.rows()):
            return error(403, DUPLICATE)
        post = {"id": str(FIRST_ID + len(kept.rows())), "text": text}
        kept.add({**post, "pictures": [self.pictures[one] for one in media]})
        return JSONResponse({"data": {**post, "edit_history_tweet_ids": [post["id"]]}}, 201)

    async def upload(self, request: Request) -> Response:
        async with request.form() as form:
            media = form.get("media")
            if not isinstance(media, UploadFile) or form.get("media_category") != "tweet_image":
                return error(400)
            content = await media.read()
        number = str(FIRST_ID + len(self.pictures))
        self.pictures[number] = hashlib.sha256(content).hexdigest()
        kind = {"expires_after_secs": 86_400, "media_key": f"3_{number}", "size": len(content)}
        return JSONResponse({"data": {"id": number, **kind}})

    async def describe(self, request: Request) -> Response:
        given = await request.json()
        words = given.get("metadata", {}).get("alt_text", {}).get("text", "")
        if given.get("id") not in self.pictures or not 0 < len(words) <= LONGEST_WORDS:
            return error(400)
        return JSONResponse({"data": {"id": given["id"], "associated_metadata": given["metadata"]}})

    def _signed(self, answer: Endpoint) -> Endpoint:
        """The endpoint for whoever signs with the four keys."""

        async def check(request: Request) -> Response:
            return await answer(request) if self._is_signed(request) else error(401)

        return check

    def _is_signed(self, request: Request) -> bool:
        key, secret, token, token_secret = map(self.site.secret, KEYS)
        header = request.headers.get("authorization", "")
        path = request.url.path.removeprefix(f"/{NAME}")
        signed = SignedRequest(HOST + path, request.method, headers={"Authorization": header})
        parts = dict(_parts(header))
        signed.params = [(name, value) for name, value in parts.items() if name != "oauth_signature"]
        signed.signature = parts.get("oauth_signature", "")
        if (parts.get("oauth_consumer_key"), parts.get("oauth_token")) != (key, token):
            return False
        return bool(verify_hmac_sha1(signed, secret, token_secret))


def _parts(header: str) -> list[tuple[str, str]]:
    """Parameters of an Authorization header; none of one of another scheme."""
    if not header.startswith("OAuth "):
        return []
    return [(name, unescape(value)) for name, value in parse_authorization_header(header)]


def error(status: int, detail: str | None = None) -> Response:
    title, usual = TITLES.get(status, TITLES[503])
    body = {"title": title, "detail": detail or usual, "type": "about:blank", "status": status}
    headers = {"x-rate-limit-reset": str(int(time.time()) + 900)} if status == 429 else {}
    return JSONResponse(body, status, headers)


SERVICE = Service(NAME, lambda site: X(site).routes(), error)
