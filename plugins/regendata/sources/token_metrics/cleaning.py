"""Which token a symbol stands for, by the first rule that fits, with the reason in words."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

NOT_A_SYMBOL = "NOT_A_SYMBOL"
LISTED_TOKEN, PLAIN_TICKER = "listed_token", "plain_ticker"

_TICKER = re.compile(r"[a-zA-Z]{1,4}")
_NO_LETTER = re.compile(r"[^a-zA-Z]")


@dataclass(frozen=True)
class Cleaned:
    """What became of one symbol.

    :param symbol: the clean symbol, or NOT_A_SYMBOL.
    :param token: the listed token that decided, if one did.
    """

    raw_symbol: str
    symbol: str
    rule: str
    token: str | None
    reason: str


@dataclass(frozen=True)
class Cleaner:
    """The rules: listed tokens, the longest that begins the symbol first, then short plain tickers.

    Letter case counts, as it does for the readers of the symbols.
    """

    tokens: tuple[str, ...]

    @classmethod
    def of(cls, tokens: Iterable[str]) -> Cleaner:
        """A token listed twice counts once; an empty one would begin every symbol and is left out."""
        return cls(
            tuple(sorted({token for token in tokens if token}, key=lambda token: (-len(token), token)))
        )

    @property
    def version(self) -> str:
        """Short hash of all that decides."""
        parts = [_TICKER.pattern, *self.tokens]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]

    def clean(self, raw_symbol: str) -> Cleaned:
        """The first rule that fits."""
        for token in self.tokens:
            if raw_symbol.startswith(token):
                return Cleaned(
                    raw_symbol, token, LISTED_TOKEN, token, f"begins with the listed token {token}"
                )
        if _TICKER.fullmatch(raw_symbol):
            return Cleaned(raw_symbol, raw_symbol, PLAIN_TICKER, None, "one to four Latin letters")
        return Cleaned(raw_symbol, NOT_A_SYMBOL, "not_a_symbol", None, _why_none(raw_symbol))


def _why_none(raw_symbol: str) -> str:
    begin = "begins with no listed token and "
    if not raw_symbol:
        return "is empty"
    other = _NO_LETTER.search(raw_symbol)
    if other:
        return f"{begin}holds {other.group()!r}, which is no Latin letter"
    return f"{begin}has {len(raw_symbol)} letters, more than 4"
