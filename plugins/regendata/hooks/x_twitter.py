"""X's API v2 by tweepy: a post with a picture, at an address and with a patience that tweepy leaves open."""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any

import requests
import tweepy
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException
from requests.adapters import HTTPAdapter

from regendata.exceptions import BadSourceAnswer, PostRefused, SourceBusy, SourceUnavailable

CONN_ID = "x"
#: What tweepy asks, and signs.
HOST = "https://api.twitter.com"
WHAT = "X"
TIMEOUT_S = 30
_DUPLICATE = "duplicate content"


class AlreadyPosted(PostRefused):
    """X has this very text already."""


class _Address(HTTPAdapter):
    """Sends what is meant for tweepy's host elsewhere, and never waits for ever."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = str(request.url).replace(HOST, self.base_url, 1)
        return super().send(request, *args, **{**kwargs, "timeout": TIMEOUT_S})


class XHook:
    """Posts as one account. Of the connection, login and password are key and secret of the app, and the
    extra holds ``access_token`` and ``access_token_secret`` of the account; a host replaces X's own.
    """

    def __init__(self, conn_id: str = CONN_ID) -> None:
        self.conn_id = conn_id

    @property
    def has_credentials(self) -> bool:
        """Whether there is a connection with all four keys."""
        try:
            return all(self._keys)
        except AirflowNotFoundException:
            return False

    def post(self, text: str, picture: bytes, description: str) -> str:
        """Post; returns the post's id.

        :param picture: PNG.
        :param description: the picture in words.
        :raises AlreadyPosted: an account says the same thing once.
        :raises SourceUnavailable: X does not answer; it may have been posted or not.
        :raises PostRefused: X will not have it.
        """
        try:
            media = self._upload(picture, description)
            answer = self._client.create_tweet(text=text, media_ids=[media], user_auth=True)
        except tweepy.HTTPException as error:
            raise _told(error) from error
        except requests.RequestException as error:
            raise SourceUnavailable(f"{WHAT}: {type(error).__name__}") from error
        return _id(answer)

    def _upload(self, picture: bytes, description: str) -> str:
        sent: dict[str, Any] = {
            "files": {"media": ("goal.png", picture, "image/png")},
            "data": {"media_category": "tweet_image"},
        }
        media = _id(self._send("/2/media/upload", **sent))
        words = {"id": media, "metadata": {"alt_text": {"text": description}}}
        self._send("/2/media/metadata", json=words)
        return media

    def _send(self, path: str, **content: Any) -> Any:
        """What tweepy has no method for, with its session, signature and errors."""
        client = self._client
        auth = tweepy.OAuth1UserHandler(*self._keys).apply_auth()
        response = client.session.post(HOST + path, auth=auth, **content)
        if response.status_code == 429:
            reset = response.headers.get("x-rate-limit-reset", "")
            raise tweepy.TooManyRequests(response, reset_time=int(reset) if reset.isdecimal() else None)
        if response.status_code >= 500:
            raise tweepy.TwitterServerError(response)
        if response.status_code >= 400:
            raise tweepy.HTTPException(response)
        return response.json()

    @cached_property
    def _client(self) -> tweepy.Client:
        key, secret, token, token_secret = self._keys
        client = tweepy.Client(
            consumer_key=key,
            consumer_secret=secret,
            access_token=token,
            access_token_secret=token_secret,
            return_type=dict,
        )
        host = BaseHook.get_connection(self.conn_id).host
        client.session.mount(HOST, _Address((host or HOST).rstrip("/")))
        return client

    @property
    def _keys(self) -> tuple[str, str, str, str]:
        found = BaseHook.get_connection(self.conn_id)
        extra = found.extra_dejson
        tokens = extra.get("access_token", ""), extra.get("access_token_secret", "")
        return found.login or "", found.password or "", *tokens


def _id(answer: Any) -> str:
    try:
        return str(answer["data"]["id"])
    except (KeyError, TypeError):
        raise BadSourceAnswer(f"{WHAT}: the answer has no id") from None


def _told(error: tweepy.HTTPException) -> Exception:
    """An error of tweepy as one of ours."""
    status = error.response.status_code
    words = " ".join(str(error).split())[:200]
    if status == 403 and _DUPLICATE in words:
        return AlreadyPosted(f"{WHAT}: {words}")
    if isinstance(error, tweepy.TooManyRequests):
        wait = max(0, (getattr(error, "reset_time", None) or 0) - int(time.time()))
        return SourceBusy(f"{WHAT}: HTTP 429, again in {wait} s", wait)
    if status >= 500:
        return SourceUnavailable(f"{WHAT}: HTTP {status}")
    return PostRefused(f"{WHAT}: {words}")
