"""What an answer that is no data says: JSON, plain text or a web page of whoever stands before the relay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import msgspec

#: Statuses that waiting may mend, beside those of 500 and above.
_PASSING = frozenset({403, 408, 425, 429})
_SLOW_DOWN = frozenset({403, 408, 429})
_TITLE = re.compile(r"<(?:title|h1)[^>]*>(.*?)</", re.IGNORECASE | re.DOTALL)
_MOST_WORDS = 160


@dataclass(frozen=True)
class Setback:
    """One request that brought no data.

    :param words: what happened, for people.
    :param final: whether the same request would be refused again.
    :param slow_down: whether the host has too much to do.
    :param retry_after_s: how long the host wants to be left alone.
    """

    words: str
    final: bool = False
    slow_down: bool = False
    retry_after_s: float | None = None


def refusal(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Setback:
    """What a status other than 200 means.

    :param now: aware; a Retry-After that names a moment is counted from it.
    """
    passing = status >= 500 or status in _PASSING
    return Setback(
        f"HTTP {status}: {words_of(body)}".removesuffix(": "),
        final=not passing,
        slow_down=status >= 500 or status in _SLOW_DOWN,
        retry_after_s=retry_after(headers.get("retry-after"), now) if passing else None,
    )


def words_of(body: bytes) -> str:
    """The message of an error's body, on one line, shortened."""
    text = body[:4_096].decode("utf-8", "replace").strip()
    if text.startswith("<"):
        found = _TITLE.search(text)
        text = f"a web page, {found[1].strip()!r}" if found else "a web page"
    elif text.startswith("{"):
        text = _message(body) or text
    return " ".join(text.split())[:_MOST_WORDS]


def _message(body: bytes) -> str | None:
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    message = content.get("message") or content.get("error")
    return message if isinstance(message, str) else None


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After in either of its forms; None for another text."""
    text = (header or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    # A date without a zone cannot be told from now.
    return max(0.0, (moment - now).total_seconds()) if moment.tzinfo else None
