"""What an answer of a relay proves, and what to ask next.

Payloads come in pages, newest first: ``slot <= cursor``, the cursor's slot included. A page proves the slots
above its lowest one; the lowest may have been cut and is asked for again. A short page proves no more than a
long one: a server may allow less than was asked for. The walk ends with a slot below the wanted ones, or with
an empty page.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regendata.coverage.intervals import Pair
from regendata.exceptions import MalformedRows, TruncatedAnswer

if TYPE_CHECKING:
    import pyarrow as pa

PAYLOADS_PATH = "/relay/v1/data/bidtraces/proposer_payload_delivered"
BIDS_PATH = "/relay/v1/data/bidtraces/builder_blocks_received"
_MAXIMUM = re.compile(r"maximum limit is (\d+)")


@dataclass(frozen=True)
class Proved:
    """Slots that are known now, and all their payloads."""

    slots: Pair
    rows: pa.RecordBatch


class PayloadWalk:
    """From the newest of the wanted slots down to the oldest.

    :param begin: first wanted slot.
    :param end: first slot that is not wanted.
    :param page: rows to ask for at a time.
    """

    def __init__(self, begin: int, end: int, page: int) -> None:
        self._begin = begin
        self._left = end
        self.page = page

    @property
    def done(self) -> bool:
        return self._left <= self._begin

    @property
    def left(self) -> Pair:
        """Slots that are still to be proved."""
        return self._begin, max(self._begin, self._left)

    @property
    def query(self) -> dict[str, str]:
        """Parameters of the next request."""
        return {"cursor": str(self._left - 1), "limit": str(self.page)}

    def take(self, rows: pa.RecordBatch) -> Proved:
        """The answer to ``query``; may prove nothing when one slot has a page of its own.

        :raises MalformedRows: rows above the cursor, or not newest first.
        :raises TruncatedAnswer: one slot has more rows than a page.
        """
        slots = rows.column("slot").to_pylist()
        self._check(slots)
        proved_from = self._proved_from(slots)
        proved = (proved_from, self._left)
        self._left = proved_from
        # Newest first, none above the cursor: those of the proved slots stand at the beginning.
        return Proved(proved, rows.slice(0, sum(slot >= proved_from for slot in slots)))

    def _check(self, slots: list[int]) -> None:
        if slots and slots[0] >= self._left:
            raise MalformedRows(f"slot {slots[0]} is above the cursor {self._left - 1}")
        if any(newer < older for newer, older in itertools.pairwise(slots)):
            raise MalformedRows("payloads are not newest first")

    def _proved_from(self, slots: list[int]) -> int:
        lowest = slots[-1] if slots else self._begin - 1
        if lowest < self._begin:
            return self._begin
        if lowest < self._left - 1:
            return lowest + 1
        if len(slots) >= self.page:
            raise TruncatedAnswer(f"slot {lowest} has {len(slots)} payloads or more, a whole page")
        return lowest


def check_bids(rows: pa.RecordBatch, slot: int, cap: int | None) -> None:
    """Whether an answer holds all bids of the slot it was asked for.

    :raises MalformedRows: a row of another slot.
    :raises TruncatedAnswer: as many rows as the relay gives at most.
    """
    strange = next((one for one in rows.column("slot").unique().to_pylist() if one != slot), None)
    if strange is not None:
        raise MalformedRows(f"asked for slot {slot}, got a bid for slot {strange}")
    if cap is not None and rows.num_rows >= cap:
        raise TruncatedAnswer(f"slot {slot} has {rows.num_rows} bids, as many as one answer holds")


def allowed_page(words: str) -> int | None:
    """The page size that a refusal names, such as ``maximum limit is 100``."""
    found = _MAXIMUM.search(words)
    return int(found[1]) if found else None
