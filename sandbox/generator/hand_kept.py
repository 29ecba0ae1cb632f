"""Generated rows of what people keep by hand: ENS names, sheets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta, timezone

from sandbox.generator.dimensions import Label
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


def label_records(labels: list[Label]) -> Iterator[Record]:
    """Rows of program_round_labels."""
    return (asdict(label) for label in labels)


def rounds_outside_indexer() -> Iterator[Record]:
    """Rows of AlloRoundsOutsideIndexer; the last has not happened yet when the data ends."""
    first = datetime(2024, 5, 1, tzinfo=timezone.utc)
    for number, usd in enumerate((250_000.0, 1_234.5, 88_000.25, 40_000.0)):
        yield {
            "timestamp": first + timedelta(days=90 * number),
            "amount_in_usd": usd,
            "desc": ("Retro funding", "L'école des communs", "Direct grants, spring", "Community's choice")[
                number
            ],
            "network_name": ("Optimism", "Celo", "Arbitrum", "Ethereum")[number],
            "strategy_name": ("EasyRetroFunding", "DirectTransfer", "Hypercert", None)[number],
        }
