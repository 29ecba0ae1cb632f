"""The three maps: relays by day, chains by day, symbols by hour."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from urllib.parse import urlencode

from regendata.api.pages.heat import IDLE, UNKNOWN, Cell, HeatMap, Line, share
from regendata.coverage import multirange
from regendata.coverage.intervals import Intervals, union
from regendata.coverage.slots import first_slot_from
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.house import coverage
from regendata.hooks.warehouse.house.reading import stands
from regendata.operators import mev_boost as backload
from regendata.operators.token_metrics import REBUILD_FROM, REBUILD_UNTIL
from regendata.sources.mev_boost.relays import ENDPOINTS, RELAYS
from regendata.sources.token_metrics.hours import HOUR

MEV_BOOST = "mev_boost"
MOST_SYMBOLS = 30
#: Donations so near on both sides make a day without any a gap.
NEAR_DAYS = 3
DAY_S = 86_400
#: Asked for here, a relay may still be writing it.
TAIL = timedelta(hours=2)


def slot_bounds(days: Sequence[date]) -> list[int]:
    """First slot of each day, and of the day after the last."""
    edges = [*days, days[-1] + timedelta(days=1)]
    return [max(0, first_slot_from(int(_midnight(day).timestamp()))) for day in edges]


def relays(conn: PgConnection, days: Sequence[date], now: datetime, form: str) -> list[HeatMap]:
    """A map per endpoint; nothing where no slot was ever asked for.

    :param form: address of the form that fills gaps.
    """
    if not stands(conn, "meta.coverage"):
        return []
    bounds = slot_bounds(days)
    known = coverage.ledger(conn, MEV_BOOST, bounds[0], bounds[-1])
    vain = coverage.failures(conn, MEV_BOOST, bounds[0], bounds[-1])
    head = first_slot_from(int((now - TAIL).timestamp()))
    about = "Share of each day's slots that is proved fetched, empty answers included."
    maps = []
    for endpoint in ENDPOINTS if known or vain else ():
        covered = _by_relay(known, endpoint, "covered")
        failed = _by_relay(vain, endpoint, "slots")
        lines = []
        for name, relay in RELAYS.items():
            wanted = relay.lifetime.within(bounds[0], min(bounds[-1], head))
            cells = relay_cells(days, bounds, wanted, union(covered.get(name, [])), failed.get(name, []))
            lines.append(Line(name, cells, _fill_relay(form, days, name, endpoint)))
        title = f"{endpoint.capitalize()} by relay and day"
        maps.append(HeatMap(title, about, [*map(str, days)], lines, day_ticks(days)))
    return maps


def _by_relay(found: Sequence[Mapping[str, str]], endpoint: str, column: str) -> dict[str, list[Intervals]]:
    sets: dict[str, list[Intervals]] = {}
    for one in found:
        if one["endpoint"] == endpoint:
            sets.setdefault(one["relay"], []).append(multirange.loads(one[column]))
    return sets


def relay_cells(
    days: Sequence[date],
    bounds: Sequence[int],
    wanted: Intervals,
    covered: Intervals,
    failed: Sequence[Intervals],
) -> list[Cell]:
    """A cell per day; a day without a wanted slot is idle."""
    sets = (wanted, covered & wanted, (union(failed) & wanted) - covered)
    per_day = zip(days, *(one.counts(bounds) for one in sets), strict=True)
    return [_relay_cell(*one) for one in per_day]


def _relay_cell(day: date, asked: int, there: int, in_vain: int) -> Cell:
    if not asked:
        return Cell(IDLE, f"{day}: not in service, or not yet")
    told = f"{day}: {there:,} of {asked:,} slots" + (", asked in vain" if in_vain else "")
    return Cell(UNKNOWN if in_vain else share(there, asked), told)


def chains(conn: PgConnection, days: Sequence[date], form: str) -> list[HeatMap]:
    """Donations by chain and day; a chain that had some and fell silent shows."""
    if not stands(conn, "meta.chain_day"):
        return []
    found = coverage.donations(conn, days[0], days[-1] + timedelta(days=1))
    if not found:
        return []
    names = {**dict.fromkeys(sorted({chain for chain, _ in found}), ""), **coverage.chains(conn)}
    shown = sorted({chain for chain, _ in found}, key=lambda chain: names[chain] or str(chain))
    lines = [
        Line(f"{names[chain] or 'chain'} ({chain})", chain_cells(chain, days, found), lambda *_: form)
        for chain in shown
    ]
    about = (
        "Donations of each day beside the chain's own median day in this window: full is half of it and "
        "more. A day without any is a gap where there are some within three days before and after it."
    )
    return [HeatMap("Donations by chain and day", about, [*map(str, days)], lines, day_ticks(days))]


def chain_cells(chain: int, days: Sequence[date], found: Mapping[tuple[int, date], int]) -> list[Cell]:
    """A cell per day, measured by the chain's own median day."""
    counts = sorted(found[chain, day] for day in days if (chain, day) in found)
    usual = counts[len(counts) // 2] if counts else 1
    cells = []
    for number, day in enumerate(days):
        count = found.get((chain, day), 0)
        word = share(count, usual / 2) if count or _between_donations(chain, days, number, found) else IDLE
        cells.append(Cell(word, f"{day}: {count:,} donations, {usual:,} on the median day"))
    return cells


def _between_donations(
    chain: int, days: Sequence[date], number: int, found: Mapping[tuple[int, date], int]
) -> bool:
    """Rounds begin and end; silence in the middle of one is no end."""
    before, after = days[max(number - NEAR_DAYS, 0) : number], days[number + 1 : number + 1 + NEAR_DAYS]
    return all(any((chain, day) in found for day in side) for side in (before, after))


def symbols(conn: PgConnection, begin: int, end: int, form: str) -> list[HeatMap]:
    """Hours of the most tweeted symbols below the hours of their source, seconds since 1970."""
    if not stands(conn, "token_metrics.token_stats"):
        return []
    hours = range(begin, end, HOUR)
    names = coverage.leading_symbols(conn, MOST_SYMBOLS)
    known = coverage.symbol_hours(conn, names, begin, end)
    landed = coverage.source_hours(conn, begin, end)
    fill = _fill_hours(form, begin)
    lines = [Line("source", [_source_cell(hour, landed.get(hour)) for hour in hours], fill)]
    lines += [Line(name, [_symbol_cell(hour, known.get((name, hour))) for hour in hours]) for name in names]
    about = (
        "Hours that are known; an hour without a row is not known, which is no zero. The first row is the "
        "source's own."
    )
    labels = [f"{_moment(hour):%Y-%m-%d %H:%M}" for hour in hours]
    ticks = [(number, f"{_moment(hour):%d %b}") for number, hour in enumerate(hours) if hour % DAY_S == 0]
    return [HeatMap("Tweets by symbol and hour", about, labels, lines, ticks)]


def _source_cell(hour: int, row: Mapping[str, int] | None) -> Cell:
    at = f"{_moment(hour):%Y-%m-%d %H:%M}"
    if row is None:
        return Cell("none", f"{at}: nothing landed")
    told = (
        f"{at}: {row['landed_rows']:,} of {row['source_rows']:,} rows landed, {row['refused_rows']:,} refused"
    )
    return Cell(share(row["landed_rows"], row["source_rows"] - row["refused_rows"]), told)


def _symbol_cell(hour: int, count: int | None) -> Cell:
    at = f"{_moment(hour):%Y-%m-%d %H:%M}"
    return Cell("none", f"{at}: not known") if count is None else Cell("full", f"{at}: {count:,} tweets")


def day_ticks(days: Sequence[date]) -> list[tuple[int, str]]:
    """Mondays."""
    return [(number, f"{day:%d %b}") for number, day in enumerate(days) if day.weekday() == 0]


def _fill_relay(form: str, days: Sequence[date], relay: str, endpoint: str) -> Callable[[int, int], str]:
    def href(first: int, last: int) -> str:
        until = days[last] + timedelta(days=1)
        values = {
            backload.FROM: days[first],
            backload.UNTIL: until,
            backload.RELAYS: json.dumps([relay]),
            backload.ENDPOINTS: json.dumps([endpoint]),
        }
        return f"{form}?{urlencode(values)}"

    return href


def _fill_hours(form: str, begin: int) -> Callable[[int, int], str]:
    def href(first: int, last: int) -> str:
        hours = {REBUILD_FROM: begin + first * HOUR, REBUILD_UNTIL: begin + (last + 1) * HOUR}
        return f"{form}?{urlencode({name: _moment(hour).isoformat() for name, hour in hours.items()})}"

    return href


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
