"""Generated names of accounts."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.generator.files import Record
from sandbox.generator.identity import address

ACCOUNTS_PER_NAME = 33
OPERATORS = 50


def ens_names(donors: int) -> Iterator[Record]:
    """A name for one account in 33, the most generous among them, and for some round operators."""
    for number in range(0, donors, ACCOUNTS_PER_NAME):
        label = f"🦄{number}" if number % 2 else f"giver{number}"
        yield {"address": address("account", number), "name": f"{label}.eth"}
    for number in range(0, OPERATORS, 10):
        yield {"address": address("operator", number), "name": f"operator{number}.eth"}
