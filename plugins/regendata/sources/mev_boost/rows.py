"""Rows of the relays' Data API, typed as they come over the wire, and one fetched hour of them.

Shapes: https://flashbots.github.io/relay-specs, ``/relay/v1/data/bidtraces/*``. Every number there is a
decimal string; a JSON number is read as well. ``value`` (wei, uint256) stays text: 78 digits fit neither a
float nor 64 bits nor any decimal type of Parquet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec

from regendata.exceptions import MalformedRows

if TYPE_CHECKING:
    import pyarrow as pa

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

    ``timestamp`` (seconds) and ``timestamp_ms`` are left out by relays when 0 and by older ones altogether.
    ``optimistic_submission`` is None where the relay does not say.
    """

    timestamp: _Count = 0
    timestamp_ms: _Count = 0
    optimistic_submission: bool | None = None


Row: TypeAlias = "Bid | Payload"

ROWS: Mapping[Endpoint, type[Payload]] = {"bids": Bid, "payloads": Payload}
_DECODERS: Mapping[Endpoint, msgspec.json.Decoder[Any]] = {
    endpoint: msgspec.json.Decoder(list[row], strict=False)  # type: ignore[valid-type]
    for endpoint, row in ROWS.items()
}


@dataclass(frozen=True)
class FetchedHour:
    """What one relay answered for slots of one hour.

    :param covered: slots proved fetched, as ascending, disjoint, half-open ``(begin, end)`` pairs within the
        hour; a covered slot without a row is proved empty.
    :param rows: all rows of the covered slots and of no other, in any order, with the columns of
        :mod:`~regendata.sources.mev_boost.columns`; repeats are stored once.
    """

    endpoint: Endpoint
    relay: str
    hour: Hour
    covered: tuple[tuple[int, int], ...]
    rows: pa.Table


def decode(endpoint: Endpoint, body: bytes) -> Sequence[Row]:
    """The rows of an answer, of the right shape; what their values say is not looked at here.

    :raises MalformedRows: the body is no JSON list of rows; says where, and nothing of the relay.
    """
    if b"\\" in body:
        # Hashes and numbers need no escapes, and COPY would read them.
        raise MalformedRows("an escaped character where only hashes and numbers belong")
    try:
        rows: Sequence[Row] = _DECODERS[endpoint].decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedRows(f"no list of {endpoint}: {error}") from error
    return rows
