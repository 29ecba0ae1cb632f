"""Answers of a relay as big as real ones: bids of one slot after the other, made from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

from regendata.coverage.slots import slots_of, start_of
from regendata.sources.mev_boost.columns import read, together
from regendata.sources.mev_boost.rows import FetchedHour

HOUR = 475_746
BUILDERS = 37
#: A bid in 12 is a block that was sent before, as in a real slot of 2023.
AGAIN = 12


def answers(slots: int, bids_per_slot: int, seed: int = 8) -> list[bytes]:
    """One body per slot, of the shape of ``builder_blocks_received``: 690 bytes a bid."""
    random_ = random.Random(seed)
    builders = [f"0x{random_.randbytes(48).hex()}" for _ in range(BUILDERS)]
    first = slots_of(HOUR)[0]
    return [
        json.dumps(list(_bids(random_, first + slot, builders, bids_per_slot)), indent=0).encode()
        for slot in range(slots)
    ]


def fetched(bodies: list[bytes], relay: str = "bench") -> FetchedHour:
    """The same as an hour of which so many slots are covered."""
    first = slots_of(HOUR)[0]
    rows = together("bids", [read("bids", body) for body in bodies])
    return FetchedHour("bids", relay, HOUR, ((first, first + len(bodies)),), rows)


def _bids(
    random_: random.Random, slot: int, builders: list[str], count: int
) -> Iterator[dict[str, str | bool]]:
    same = {
        "parent_hash": f"0x{random_.randbytes(32).hex()}",
        "proposer_pubkey": f"0x{random_.randbytes(48).hex()}",
        "proposer_fee_recipient": f"0x{random_.randbytes(20).hex()}",
    }
    block_hash = ""
    for number in range(count):
        if number % AGAIN:
            block_hash = f"0x{random_.randbytes(32).hex()}"
        moment = start_of(slot) * 1000 - 2_000 + random_.randrange(4_000)
        yield {
            "slot": str(slot),
            "parent_hash": same["parent_hash"],
            "block_hash": block_hash or f"0x{random_.randbytes(32).hex()}",
            "builder_pubkey": builders[int(random_.expovariate(0.2)) % BUILDERS],
            "proposer_pubkey": same["proposer_pubkey"],
            "proposer_fee_recipient": same["proposer_fee_recipient"],
            "gas_limit": "30000000",
            "gas_used": str(random_.randrange(5_000_000, 30_000_000)),
            "value": str(int(random_.lognormvariate(38, 1))),
            "num_tx": str(random_.randrange(50, 400)),
            "block_number": str(slot - 1_000),
            "timestamp": str(moment // 1000),
            "timestamp_ms": str(moment),
            "optimistic_submission": number % 3 == 0,
        }
