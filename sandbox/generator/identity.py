"""Repeatable draws and made-up addresses: the same key gives the same value on every machine.

Nothing here keeps state, so rows may be made in any order and any part may be made alone.
`address("account", 7)` equals `'0x' || left(pg_temp.digest('account', 7), 40)` of sql/functions.sql.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def digest(kind: str, number: int) -> str:
    """64 hex digits that belong to one thing, such as the third project."""
    return hashlib.sha256(f"{kind}:{number}".encode()).hexdigest()


def address(kind: str, number: int) -> str:
    """A lower-case address, 0x and 40 hex digits."""
    return "0x" + digest(kind, number)[:40]


def mixed_case(lower: str) -> str:
    """The address in mixed case, as wallets write it (case chosen by hash, no valid EIP-55 checksum)."""
    pattern = hashlib.sha256(lower.encode()).digest()
    body = lower.removeprefix("0x")
    cased = (c.upper() if pattern[i % len(pattern)] & 1 else c for i, c in enumerate(body))
    return "0x" + "".join(cased)


def draw(*key: object) -> float:
    """A number in [0, 1) that depends on the key alone."""
    seed = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return (int.from_bytes(seed[:8], "big") >> 11) / 2**53


def pick(options: Sequence[T], *key: object) -> T:
    """One of the options, by key."""
    return options[int(draw(*key) * len(options))]


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """Split a whole number in proportion to the weights; the parts add up to it exactly."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [int(total * weight / whole) for weight in weights]
    by_weight = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
    for index in by_weight[: total - sum(parts)]:
        parts[index] += 1
    return parts


def zipf_weights(count: int, exponent_halves: int, *key: object) -> list[float]:
    """Weights 1/rank (exponent_halves=2) or 1/sqrt(rank) (=1), ranks dealt out by key."""
    order = sorted(range(count), key=lambda i: draw(*key, i))
    weights = [0.0] * count
    for rank, index in enumerate(order, start=1):
        weights[index] = 1.0 / rank ** (exponent_halves / 2)
    return weights
