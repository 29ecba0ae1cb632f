"""One round of fetching: plan it, fetch a unit of it, judge what came, and close the days that are whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from regendata.coverage.intervals import Intervals, Pair
from regendata.coverage.slots import DAY_HOURS, HOUR_S, first_slot_from, hour_of, slots_of
from regendata.exceptions import CoverageIncomplete, SlotsUnknown
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.relays import open_relays
from regendata.hooks.warehouse import coverage, final_days
from regendata.hooks.warehouse import mev_boost as warehouse
from regendata.hooks.warehouse.coverage import CoverageKey
from regendata.hooks.warehouse.host_turns import SharedLedger
from regendata.hooks.warehouse.mev_boost import SOURCE
from regendata.landing.mev_boost.repair import finish_day, repair, show
from regendata.landing.mev_boost.store import prepare, store_hours
from regendata.landing.mev_boost.stores import Stores, open_stores
from regendata.landing.relays.fetch import Tally, as_facts, fetch
from regendata.settings import Settings
from regendata.sources.mev_boost.days import first_hour
from regendata.sources.mev_boost.plan import (
    Plan,
    Target,
    Wanted,
    as_markdown,
    first_ranges,
    gaps_of,
    make_plan,
)
from regendata.sources.mev_boost.relays import ENDPOINTS, Relay, relays_named
from regendata.sources.mev_boost.rows import FetchedHour


@dataclass(frozen=True)
class WarehouseSink:
    """Stores hours, and notes unknown slots, through one connection."""

    conn: PgConnection
    stores: Stores

    def store(self, hours: Sequence[FetchedHour]) -> None:
        store_hours(self.conn, hours, self.stores)

    def unknown(self, target: Target, slots: Intervals, error: str) -> None:
        coverage.mark_unknown(self.conn, _key(target), slots, error)


def newest_hours(now: datetime, hours: int) -> Pair:
    """Slots of the last whole hours whose rows every relay can be expected to have by now."""
    end = _settled(now, relays_named(())) // HOUR_S
    return slots_of(end - hours)[0], slots_of(end)[0]


def _settled(now: datetime, relays: Iterable[Relay]) -> int:
    """The moment up to which every one of the relays shows all it has, in seconds since 1970."""
    return int(now.timestamp()) - max(relay.lag_s for relay in relays)


def wanted(
    slots: Pair, relays: Iterable[str] = (), endpoints: Iterable[str] = (), now: datetime | None = None
) -> Wanted:
    """What a form asks for: no name of a relay means those in service, none of an endpoint both.

    :param now: slots are left out whose rows may still be on their way: their relay's empty answer would
        count as proof.
    :raises UnknownRelay: naming those there are.
    """
    chosen, named = set(endpoints) or set(ENDPOINTS), relays_named(relays)
    begin, end = slots
    if now is not None:
        end = max(begin, min(end, first_slot_from(_settled(now, named))))
    names = tuple(relay.name for relay in named)
    return Wanted((begin, end), names, tuple(one for one in ENDPOINTS if one in chosen))


def plan(asked: Wanted, most_units: int, settings: Settings) -> tuple[Plan, str]:
    """The next round, and in markdown what a person reads about it."""
    with connect() as conn:
        prepare(conn)
        gaps = gaps_of(asked, _covered(conn, asked))
    rates = {relay.name: relay.requests_per_s for relay in _relays(asked.relays, settings)}
    made = make_plan(gaps, rates, most_units, settings.mev_round_s)
    everything = sum(slots.size for _, slots in asked.targets())
    return made, as_markdown(made, everything - made.slots - made.later)


def fetch_unit(asked: Wanted, settings: Settings) -> dict[str, Any]:
    """Fetch what is still missing of a unit, however often it was begun before.

    :returns: slots covered and rows found now.
    :raises SlotsUnknown: relays did not answer for some slots; all others are stored.
    """
    with connect() as conn, connect() as turns:
        gaps = gaps_of(asked, _covered(conn, asked))
        sink = WarehouseSink(conn, open_stores(settings))
        relays = _relays(asked.relays, settings)
        tallies = asyncio.run(_fetch(gaps, relays, SharedLedger(turns), sink, settings))
    unknown = {target: tally for target, tally in tallies.items() if tally.unknown}
    if unknown:
        raise SlotsUnknown("; ".join(_told(target, tally) for target, tally in sorted(unknown.items())))
    return as_facts(tallies)


async def _fetch(
    gaps: Mapping[Target, Intervals],
    relays: Sequence[Relay],
    ledger: SharedLedger,
    sink: WarehouseSink,
    settings: Settings,
) -> dict[Target, Tally]:
    async with open_relays(relays, ledger, url_of(settings)) as clients:
        return await fetch(gaps, clients, sink)


def judge(asked: Wanted, planned: int) -> dict[str, int]:
    """Whether a round brought all that was planned.

    :param asked: the slots of the round.
    :param planned: slots to fetch in it, each once per relay and endpoint.
    :returns: slots that were planned, and are covered.
    :raises CoverageIncomplete: naming relays, slots and what relays said last.
    """
    with connect() as conn:
        missing = gaps_of(asked, _covered(conn, asked))
        unknown = coverage.unknown(conn, SOURCE)
    if not missing:
        return {"planned": planned, "covered": planned}
    errors = {(one.key.relay, one.key.endpoint): one.error for one in unknown}
    lacking = sum(slots.size for slots in missing.values())
    told = (
        f"{name} {endpoint}: slots {first_ranges(slots)}: {errors.get((name, endpoint), 'not asked for')}"
        for (name, endpoint), slots in sorted(missing.items())
    )
    raise CoverageIncomplete(f"{lacking:,} of {planned:,} planned slots are missing; " + "; ".join(told))


def close_days(slots: Pair, settings: Settings) -> list[date]:
    """Note days of which everything is there by now, and compute what is computed of whole days.

    Whatever came, whole days or not, readers see it then.

    :param slots: days that have a part in them are looked at.
    :returns: days that became final.
    """
    closed, stores = [], open_stores(settings)
    with connect() as conn:
        for day in final_days.open_days(conn, SOURCE, _days(_hours(slots))):
            asked = wanted(_slots_of_day(day))
            alive = {target: found for target, found in asked.targets() if found}
            if not alive or gaps_of(asked, _covered(conn, asked)):
                continue
            as_of = _finish(conn, day, stores)
            names = sorted({name for name, _ in alive})
            final_days.close(conn, SOURCE, day, names, sum(found.size for found in alive.values()), as_of)
            closed.append(day)
        show(conn, stores)
    return closed


def repair_hours(slots: Pair, settings: Settings) -> dict[str, int]:
    """Block times and flags of reorganised payloads; final days that they change are computed again."""
    hours, stores = _hours(slots), open_stores(settings)
    with connect() as conn:
        prepare(conn)
        done = repair(conn, hours, stores)
        # Not only after this repair: one that was killed may have stored hours and computed nothing.
        for day in warehouse.outdated_days(conn, _days(hours)):
            final_days.computed_again(conn, SOURCE, day, _finish(conn, day, stores))
    return {"blocks": done.blocks, "hours": done.hours, "waiting": done.waiting}


def _finish(conn: PgConnection, day: date, stores: Stores) -> datetime:
    """Compute what is computed of a day; returns a moment by which everything it counts was stored."""
    as_of = final_days.moment(conn)
    finish_day(conn, day, stores)
    return as_of


def _hours(slots: Pair) -> Pair:
    """The hours in which slots start, half-open."""
    return hour_of(slots[0]), hour_of(slots[1] - 1) + 1


def _days(hours: Pair) -> list[date]:
    first, end = hours[0] // DAY_HOURS, -(-hours[1] // DAY_HOURS)
    return [date(1970, 1, 1) + timedelta(days=number) for number in range(first, end)]


def _slots_of_day(day: date) -> Pair:
    hour = first_hour(day)
    return slots_of(hour)[0], slots_of(hour + DAY_HOURS)[0]


def _covered(conn: PgConnection, asked: Wanted) -> dict[Target, Intervals]:
    return {target: coverage.covered(conn, _key(target), asked.slots) for target, _ in asked.targets()}


def _key(target: Target) -> CoverageKey:
    name, endpoint = target
    return CoverageKey(SOURCE, endpoint, name)


def _relays(names: Iterable[str], settings: Settings) -> list[Relay]:
    """Relays with the budgets that hold here."""
    rate = settings.mev_requests_per_s
    found = relays_named(names)
    return [replace(relay, requests_per_s=float(rate)) if rate else relay for relay in found]


def url_of(settings: Settings) -> Callable[[Relay], str]:
    """Where relays are reached: their own hosts, unless a setting says otherwise."""
    instead = settings.mev_relays_url.rstrip("/")
    return lambda relay: f"{instead}/{relay.name}" if instead else relay.base_url


def _told(target: Target, tally: Tally) -> str:
    return f"{target[0]} {target[1]}: {tally.unknown:,} slots are unknown: {tally.last_error}"
