"""The result of Dune query 4118421 as the stand-in serves it: Allo v2 distribution events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sandbox.generator.identity import address, digest, draw, pick

FILE = "dune_4118421.json"
FIRST_EVENT = datetime(2024, 1, 11, tzinfo=timezone.utc)
DAYS = 255
ROLES = ("grantee", "grantee", "grantee", "round_operator", "round_operator", "donor", "contract_dev")
BLOCKCHAINS = ("arbitrum", "arbitrum", "optimism", "celo", "base")
STRATEGIES = (
    "DonationVotingMerkleDistributionDirectTransferStrategy",
    "DonationVotingMerkleDistributionDirectTransferStrategy",
    "EasyRPGFStrategy",
    "MACIQF",
    "Citizens' Retro Strategy",
    "",
)
FEWEST_EVENTS, MOST_PROPORTIONAL = 40, 2_000


def event_count(scale: int) -> int:
    """About 2,000 at the default scale; grows slowly after, as one API answer stays an API answer."""
    return FEWEST_EVENTS + min(2 * scale // 5, MOST_PROPORTIONAL) + scale // 1_000


def generated_events(scale: int) -> Iterator[dict[str, Any]]:
    """Events in the order of time; every fortieth comes twice, every ninetieth lacks its address."""
    count = event_count(scale)
    for number in range(count):
        event = _event(number, count)
        yield event
        if number % 40 == 7:
            yield event


def _event(number: int, count: int) -> dict[str, Any]:
    moment = FIRST_EVENT + timedelta(seconds=number // 3 * 3 * DAYS * 86_400 // count)
    return {
        "blockchain": pick(BLOCKCHAINS, "dune chain", number // 3),
        "tx_timestamp": moment.strftime("%Y-%m-%d %H:%M:%S.000 UTC"),
        "tx_hash": "0x" + digest("dune", number // 3),
        "address": None if number % 90 == 11 else address("account", int(40 * draw("dune account", number))),
        "role": ROLES[number % len(ROLES)],
        "gmv": 2_000 * draw("dune gmv", number) ** 4,
        "strategy_name": None if number % 90 == 17 else STRATEGIES[number // 3 % len(STRATEGIES)],
    }


def write_events(path: Path, events: Iterable[dict[str, Any]]) -> int:
    """Write the file the stand-in reads (it ended an hour ago, says null); returns the number of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = list(events)
    document = {"execution_ended_at": None, "rows": rows}
    path.write_text(json.dumps(document, indent=0), encoding="utf-8")
    return len(rows)
