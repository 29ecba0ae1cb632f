"""Published ids computed in Python from the rows of the sources, by the contract's words alone."""

from __future__ import annotations

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone
from decimal import Decimal

FLOAT4_POSITIONAL_DIGITS = 6
FLOAT8_POSITIONAL_DIGITS = 15


def ids(texts: Iterable[str]) -> set[str]:
    """sha256 of each text; the k-th further row with the same text has `#k` behind it."""
    found: set[str] = set()
    for text, count in Counter(texts).items():
        for copy in range(count):
            found.add(sha256(text if copy == 0 else f"{text}#{copy}"))
    return found


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def joined(*parts: object) -> str:
    """The parts without separator; an unknown one is empty."""
    return "".join("" if part is None else str(part) for part in parts)


def float4(value: float | None) -> str | None:
    """As PostgreSQL prints a real: the fewest digits that tell it from its neighbours."""
    if value is None:
        return None
    single = struct.pack("f", value)
    digits = next(
        text for size in range(1, 10) if struct.pack("f", float(text := f"{value:.{size}g}")) == single
    )
    return _postgres_form(digits, FLOAT4_POSITIONAL_DIGITS)


def float8(value: float | None) -> str | None:
    """As PostgreSQL prints a double precision."""
    return None if value is None else _postgres_form(repr(value), FLOAT8_POSITIONAL_DIGITS)


def _postgres_form(text: str, positional_digits: int) -> str:
    """0.0001 and 123456 are written out, what is smaller or larger has an exponent of two digits or more."""
    number = Decimal(text)
    if number == 0:
        return "0"
    exponent = number.adjusted()
    if -4 <= exponent < positional_digits:
        plain = f"{number:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0")
    mantissa = digits[0] + ("." + digits[1:] if digits[1:] else "")
    return f"{'-' if number < 0 else ''}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def timestamptz(moment: datetime | None) -> str | None:
    """As PostgreSQL prints a timestamptz in a session in UTC, such as 2023-11-22 10:06:53+00."""
    if moment is None:
        return None
    text = moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
    return text.rstrip("0").rstrip(".") + "+00"
