"""Rows that stand-in relays serve: real ones from files, else made up, each slot's always the same."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

PAYLOADS, BIDS = "proposer_payload_delivered", "builder_blocks_received"
#: Below a folder of real data, and below the stand-ins' own.
REAL = "mev_boost"
#: Folder of the real rows: winning bids are all that is public of those.
REAL_BIDS = "builder_blocks_received_winning"
GENESIS_MS = 1_606_824_023_000
#: Percent of the slots a made-up relay delivers.
SHARES = {"ultrasound": 45, "bloxroute_max_profit": 30, "flashbots": 20, "eden": 1}
USUAL_SHARE = 12
#: Relays that show a block once however often it was sent.
LISTS_ONCE = {"titan"}
_SLOT = re.compile(rb'"slot":"(\d+)"')


class Rows(Protocol):
    """What one relay has, as JSON objects."""

    def payloads(self, cursor: int, limit: int) -> list[bytes]:
        """The newest ``limit`` of slots up to and with the cursor, newest first."""

    def bids(self, slot: int) -> list[bytes]:
        """All of one slot."""


@dataclass
class RealRows:
    """Rows of files ``<endpoint>/<relay>.ndjson.gz``, newest first as a relay gives them."""

    folder: Path
    relay: str
    slots: list[int] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    by_slot: dict[int, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for slot, line in sorted(self._read(PAYLOADS), key=lambda one: one[0]):
            self.slots.append(slot)
            self.lines.append(line)
        for slot, line in self._read(REAL_BIDS):
            self.by_slot[slot].append(line)

    def _read(self, endpoint: str) -> Iterator[tuple[int, bytes]]:
        path = self.folder / endpoint / f"{self.relay}.ndjson.gz"
        if path.is_file():
            for line in gzip.decompress(path.read_bytes()).splitlines():
                found = _SLOT.search(line)
                if found:
                    yield int(found[1]), line

    def payloads(self, cursor: int, limit: int) -> list[bytes]:
        last = bisect_right(self.slots, cursor)
        return self.lines[max(0, last - limit) : last][::-1]

    def bids(self, slot: int) -> list[bytes]:
        return self.by_slot.get(slot, [])


@dataclass(frozen=True)
class MadeUpRows:
    """Rows that follow from slot and relay alone. A slot's block is the same wherever it was delivered."""

    relay: str
    first_slot: int = 4_700_000

    def payloads(self, cursor: int, limit: int) -> list[bytes]:
        found: list[bytes] = []
        for slot in range(cursor, self.first_slot - 1, -1):
            if len(found) == limit:
                break
            if self._delivered(slot):
                found.append(_dumps(_payload(slot)))
        return found

    def bids(self, slot: int) -> list[bytes]:
        if slot < self.first_slot:
            return []
        count = _number("bids", self.relay, slot) % 5
        rows = [_bid(slot, self.relay, number) for number in range(count)]
        if self._delivered(slot):
            rows.append(_timed(_payload(slot), self.relay, 9))
        if rows and self.relay not in LISTS_ONCE:
            # The same block is sent again a little later.
            rows.append(_timed(rows[0], self.relay, 10))
        return [_dumps(row) for row in rows]

    def _delivered(self, slot: int) -> bool:
        share = SHARES.get(self.relay, USUAL_SHARE)
        return _number("delivered", self.relay, slot) % 100 < share


def offer_real(data: Path | None, folder: Path) -> None:
    """Have stand-ins with this folder serve the real rows below `data`, if it has any."""
    link = folder / REAL
    link.unlink(missing_ok=True)
    if data is not None and (data / REAL).is_dir():
        link.symlink_to((data / REAL).resolve())


@lru_cache(maxsize=16)
def rows_of(folder: Path, relay: str) -> Rows:
    """Real rows where the folder has any, else made-up ones."""
    real = folder / REAL
    return RealRows(real, relay) if real.is_dir() else MadeUpRows(relay)


def block_number(slot: int) -> int:
    """Number of the made-up block of a slot."""
    return slot - 4_000_000


def block_hash(slot: int) -> str:
    """Its hash, the same at every relay."""
    return _hex("block", slot, 32)


def builder_of(slot: int) -> str:
    """Public key of who built it."""
    return _hex("builder", _number("winner", slot) % 30, 48)


def _payload(slot: int) -> dict[str, Any]:
    """The block of a slot as relays tell of it; its value needs more than 53 bits, and often more than 64."""
    return {
        "slot": str(slot),
        "parent_hash": block_hash(slot - 1),
        "block_hash": block_hash(slot),
        "builder_pubkey": builder_of(slot),
        "proposer_pubkey": _hex("proposer", slot, 48),
        "proposer_fee_recipient": _hex("recipient", slot % 1_000, 20),
        "gas_limit": "30000000",
        "gas_used": str(_number("gas", slot) % 30_000_000),
        "value": str(_number("value", slot) * (1 + slot % 3)),
        "num_tx": str(_number("transactions", slot) % 400),
        "block_number": str(block_number(slot)),
    }


def _bid(slot: int, relay: str, number: int) -> dict[str, Any]:
    lost = {
        "block_hash": _hex("bid", relay, slot, number, 32),
        "builder_pubkey": _hex("builder", _number("bidder", relay, slot, number) % 30, 48),
        "value": str(_number("bid", relay, slot, number)),
    }
    return _timed({**_payload(slot), **lost}, relay, number)


def _timed(row: dict[str, Any], relay: str, number: int) -> dict[str, Any]:
    moment = GENESIS_MS + 12_000 * int(row["slot"]) + _number("moment", relay, row["slot"], number) % 4_000
    return {
        **row,
        "timestamp": str(moment // 1000),
        "timestamp_ms": str(moment),
        "optimistic_submission": bool(number % 2),
    }


def _number(*what: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(what).encode(), digest_size=8).digest(), "big")


def _hex(*what: Any) -> str:
    """The last item is the length in bytes."""
    return "0x" + hashlib.blake2b(repr(what[:-1]).encode(), digest_size=what[-1]).hexdigest()


def _dumps(row: dict[str, Any]) -> bytes:
    return json.dumps(row, separators=(",", ":")).encode()
