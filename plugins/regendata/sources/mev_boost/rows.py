"""Rows of the relays' Data API, typed as they come over the wire, and one fetched hour of them.

Shapes: https://flashbots.github.io/relay-specs, ``/relay/v1/data/bidtraces/*``. Every number there is a
decimal string; a JSON number is read as well. ``value`` (wei, uint256) stays text: 78 digits fit neither a
float nor 64 bits nor any decimal type of Parquet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec

from regendata.exceptions import MalformedRows

Endpoint = Literal["bids", "payloads"]
#: Hours since 1970-01-01 00:00 UTC. An hour's slots are those that start in it.
Hour: TypeAlias = int

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Wei = Annotated[str, msgspec.Meta(min_length=1, max_length=78)]
_Hash = Annotated[str, msgspec.Meta(min_length=66, max_length=66)]
_PublicKey = Annotated[str, msgspec.Meta(min_length=98, max_length=98)]
_Address = Annotated[str, msgspec.Meta(min_length=42, max_length=42)]


class Payload(msgspec.Struct, frozen=True, gc=False):
    """A payload that a relay says it delivered to the slot's proposer (BidTraceV2)."""

    slot: _Count
    parent_hash: _Hash
    block_hash: _Hash
    builder_pubkey: _PublicKey
    proposer_pubkey: _PublicKey
    proposer_fee_recipient: _Address
    gas_limit: _Count
    gas_used: _Count
    value: _Wei
    num_tx: _Count
    block_number: _Count


class Bid(Payload, frozen=True, gc=False):
    """A bid that a relay received (BidTraceV2WithTimestamp).

    ``timestamp`` (seconds) and ``timestamp_ms`` are left out by relays when 0 and by older ones altogether;
    ``received_ms`` is the best of the two. ``optimistic_submission`` is None where the relay does not say.
    """

    timestamp: _Count = 0
    timestamp_ms: _Count = 0
    optimistic_submission: bool | None = None

    @property
    def received_ms(self) -> int:
        """When the relay received it, in milliseconds since 1970; whole seconds where it says no more."""
        return self.timestamp_ms or self.timestamp * 1000


Row: TypeAlias = "Bid | Payload"
AnyRow = TypeVar("AnyRow", bound=Payload)
Identity: TypeAlias = tuple[int, str] | tuple[int, str, str, int]

_BIDS = msgspec.json.Decoder(list[Bid], strict=False)
_PAYLOADS = msgspec.json.Decoder(list[Payload], strict=False)


@dataclass(frozen=True)
class FetchedHour:
    """What one relay answered for slots of one hour.

    :param covered: slots proved fetched, as ascending, disjoint, half-open ``(begin, end)`` pairs within the
        hour; a covered slot without a row is proved empty.
    :param rows: all rows of the covered slots and of no other, in any order; repeats are stored once.
    """

    endpoint: Endpoint
    relay: str
    hour: Hour
    covered: tuple[tuple[int, int], ...]
    rows: Sequence[Row]


def decode_bids(body: bytes) -> list[Bid]:
    """The rows of an answer of ``builder_blocks_received``.

    :raises MalformedRows: the body is no JSON list of bids; says where, and nothing of the relay.
    """
    try:
        return _checked(_BIDS.decode(_unescaped(body)))
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedRows(f"no list of bids: {error}") from error


def decode_payloads(body: bytes) -> list[Payload]:
    """The rows of an answer of ``proposer_payload_delivered``.

    :raises MalformedRows: the body is no JSON list of payloads; says where, and nothing of the relay.
    """
    try:
        return _checked(_PAYLOADS.decode(_unescaped(body)))
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedRows(f"no list of payloads: {error}") from error


def _unescaped(body: bytes) -> bytes:
    """The same body, if it is without escapes: hashes and numbers need none, and COPY would read them."""
    if b"\\" in body:
        raise MalformedRows("an escaped character where only hashes and numbers belong")
    return body


def _checked(rows: list[AnyRow]) -> list[AnyRow]:
    """The same rows, if every value is a whole number in its one spelling.

    Looking at all values at once takes a third of what a pattern takes, row by row.
    """
    values = [row.value for row in rows]
    digits = "".join(values)
    if digits and not (digits.isascii() and digits.isdecimal()):
        raise MalformedRows("a value is no whole number of wei")
    if "0" in {value[0] for value in values} and any(value[0] == "0" != value for value in values):
        raise MalformedRows("a value begins with a zero")
    return rows


def identity(row: Row) -> Identity:
    """What makes a row one row within its relay: a bid's block may be sent again at another millisecond."""
    if isinstance(row, Bid):
        return row.slot, row.block_hash, row.builder_pubkey, row.received_ms
    return row.slot, row.block_hash
