"""Slots of Ethereum's mainnet and the hours they start in.

A slot lasts 12 seconds; slot 0 started at 2020-12-01 12:00:23 UTC. An hour is counted since 1970, and its
slots are those that start in it: always 300.
"""

from __future__ import annotations

from datetime import datetime, timezone

from regendata.coverage.intervals import Intervals, Pair

GENESIS_S = 1_606_824_023
SLOT_S = 12
HOUR_S = 3_600
DAY_HOURS = 24
HOUR_SLOTS = HOUR_S // SLOT_S


def start_of(slot: int) -> int:
    """When a slot starts, in seconds since 1970."""
    return GENESIS_S + SLOT_S * slot


def slot_at(seconds: float) -> int:
    """The slot that goes on at a moment (seconds since 1970); negative before the first."""
    return int((seconds - GENESIS_S) // SLOT_S)


def first_slot_from(seconds: int) -> int:
    """The first slot that starts at a moment (seconds since 1970) or after it."""
    return -((GENESIS_S - seconds) // SLOT_S)


def hour_of(slot: int) -> int:
    """The hour (since 1970) in which a slot starts."""
    return start_of(slot) // HOUR_S


def slots_of(hour: int) -> Pair:
    """The slots of an hour, half-open; of the hours before slot 0 none but (0, 0)."""
    begin = first_slot_from(hour * HOUR_S)
    return max(0, begin), max(0, first_slot_from((hour + 1) * HOUR_S))


def hours_of(slots: Intervals) -> Intervals:
    """The hours in which at least one of the slots starts."""
    return Intervals.from_pairs((hour_of(begin), hour_of(end - 1) + 1) for begin, end in slots.pairs())


def as_moment(slot: int) -> datetime:
    """When a slot starts, in UTC."""
    return datetime.fromtimestamp(start_of(slot), timezone.utc)


def slots_between(begin: datetime, end: datetime) -> Intervals:
    """Slots that start in ``[begin, end)``."""
    first, last = (max(0, first_slot_from(int(moment.timestamp()))) for moment in (begin, end))
    return Intervals.of((first, max(first, last)))
