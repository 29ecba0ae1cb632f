"""Ask a relay what it supports, beside what the registry says of it: a dozen requests, within its budget."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from regendata.coverage.slots import start_of
from regendata.exceptions import MalformedRows, RelayTrouble
from regendata.hooks.relays import RelayClient, open_relays
from regendata.sources.mev_boost.budget import OwnLedger
from regendata.sources.mev_boost.pages import BIDS_PATH, PAYLOADS_PATH
from regendata.sources.mev_boost.relays import Relay

PAGES = (500, 200, 100)
#: Before any relay: an answer for it is an empty one.
NO_SLOT = 1
_ROWS = msgspec.json.Decoder(list[dict[str, Any]])


@dataclass(frozen=True)
class Finding:
    """One fact.

    :param expected: what the registry says; None where it says nothing of it.
    """

    what: str
    found: str
    expected: str | None = None

    @property
    def agrees(self) -> bool:
        return self.expected is None or self.found == self.expected


async def probe(
    relay: Relay,
    url: str,
    now: Callable[[], float] = time.time,
    transport: httpx.AsyncBaseTransport | None = None,
) -> list[Finding]:
    """What the relay at this address supports.

    :raises RelayTrouble: it has no payload to begin with.
    """
    ledger = OwnLedger(asyncio.get_running_loop().time)
    async with open_relays([relay], ledger, lambda _: url, transport) as clients:
        client = clients[relay.name]
        newest = await _rows(client, PAYLOADS_PATH, limit=1)
        if not newest:
            raise RelayTrouble(f"{relay.name}: no payload at all")
        slot = int(newest[0]["slot"])
        return [
            Finding("newest payload", f"slot {slot}, {round(now() - start_of(slot)):,} s ago"),
            *await _payloads(client, slot),
            *await _bids(client, slot),
        ]


async def _payloads(client: RelayClient, slot: int) -> list[Finding]:
    size, rows = await _largest_page(client, slot)
    slots = [int(row["slot"]) for row in rows]
    return [
        Finding("largest page of payloads", str(min(size, len(rows))), str(client.relay.payload_page)),
        Finding("the cursor's slot is in its page", _yes(slots[:1] == [slot]), "yes"),
        Finding("payloads are newest first", _yes(slots == sorted(slots, reverse=True)), "yes"),
        Finding("a page that is too large", await _refusal(client)),
    ]


async def _largest_page(client: RelayClient, slot: int) -> tuple[int, list[dict[str, Any]]]:
    for size in PAGES:
        try:
            return size, await _rows(client, PAYLOADS_PATH, limit=size, cursor=slot)
        except RelayTrouble as error:
            refused = error
    raise refused


async def _refusal(client: RelayClient) -> str:
    try:
        found = await _rows(client, PAYLOADS_PATH, limit=100_000)
    except RelayTrouble as error:
        return str(error)
    return f"{len(found)} rows"


async def _bids(client: RelayClient, slot: int) -> list[Finding]:
    rows = await _rows(client, BIDS_PATH, slot=slot)
    hashes = [row["block_hash"] for row in rows]
    repeated = len(set(hashes)) < len(hashes)
    listed = "yes" if client.relay.lists_resubmissions else "not seen"
    return [
        Finding(f"bids of slot {slot}", str(len(rows))),
        Finding("milliseconds", _yes(any("timestamp_ms" in row for row in rows))),
        Finding("says which bids were optimistic", _yes(any("optimistic_submission" in row for row in rows))),
        # A slot in which no builder did so proves nothing.
        Finding("a block that was sent again", *(("yes", listed) if repeated else ("not seen",))),
        Finding("a slot without bids", f"{len(await _rows(client, BIDS_PATH, slot=NO_SLOT))} rows", "0 rows"),
    ]


async def _rows(client: RelayClient, path: str, **query: int) -> list[dict[str, Any]]:
    text = {name: str(value) for name, value in query.items()}
    return await client.ask(path, text, _read)


def _read(body: bytes) -> list[dict[str, Any]]:
    """Rows as they are: which keys a relay sends is what is asked.

    :raises MalformedRows: the body is no JSON list of objects.
    """
    try:
        return _ROWS.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedRows(f"no list of rows: {error}") from error


def _yes(found: bool) -> str:
    return "yes" if found else "no"
