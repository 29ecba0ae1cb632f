"""What is missing, what it takes to fetch it, and how the work is divided. Pure arithmetic on slots."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from regendata.coverage.intervals import Intervals, union
from regendata.coverage.slots import hours_of, slots_of
from regendata.sources.mev_boost.budget import MARGIN
from regendata.sources.mev_boost.relays import ENDPOINTS, RELAYS
from regendata.sources.mev_boost.rows import Endpoint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Figures: TypeAlias = NDArray[np.float64]

#: One endpoint of one relay.
Target: TypeAlias = tuple[str, Endpoint]
MOST_UNITS = 64


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for.

    :param slots: half-open.
    """

    slots: tuple[int, int]
    relays: tuple[str, ...]
    endpoints: tuple[Endpoint, ...] = ENDPOINTS

    def targets(self) -> Iterator[tuple[Target, Intervals]]:
        """Each target with the wanted slots of its relay's lifetime."""
        for name in self.relays:
            alive = RELAYS[name].lifetime.within(*self.slots)
            for endpoint in self.endpoints:
                yield (name, endpoint), alive


@dataclass(frozen=True)
class WorkUnit:
    """One task's part: the gaps between two slots, which begin and end with hours or with what is wanted."""

    begin: int
    end: int
    requests: int

    def as_dict(self) -> dict[str, int]:
        return {"begin": self.begin, "end": self.end, "requests": self.requests}


@dataclass(frozen=True)
class Plan:
    """The gaps of a round, the units they are divided into, and what is left for later rounds.

    :param gaps: what this round is to fetch.
    :param units: follow each other, and take about equally many requests.
    :param later: wanted slots that do not fit into this round, over all targets.
    """

    gaps: Mapping[Target, Intervals]
    units: tuple[WorkUnit, ...]
    seconds: float
    later: int = 0
    later_seconds: float = 0.0
    requests: Mapping[Target, int] = field(default_factory=dict)

    @property
    def slots(self) -> int:
        """Slots to fetch, each once per target."""
        return sum(gap.size for gap in self.gaps.values())

    def as_dict(self) -> dict[str, Any]:
        """Figures for receipts and messages."""
        return {
            "slots": self.slots,
            "requests": sum(self.requests.values()),
            "units": len(self.units),
            "seconds": round(self.seconds),
            "later": self.later,
        }


def gaps_of(wanted: Wanted, covered: Mapping[Target, Intervals]) -> dict[Target, Intervals]:
    """Wanted slots that are not covered, for each target that has any."""
    found = {target: slots - covered.get(target, Intervals.empty()) for target, slots in wanted.targets()}
    return {target: gap for target, gap in found.items() if gap}


def make_plan(
    gaps: Mapping[Target, Intervals], rates: Mapping[str, float], most_units: int, round_s: float
) -> Plan:
    """As many hours, newest first, as every relay manages within a round; divided into units.

    :param rates: requests per second that each relay allows.
    :param round_s: seconds that a round may take; one hour of slots is taken in any case.
    """
    hours = np.fromiter(hours_of(union(gaps.values())).values(), np.int64)
    if not hours.size:
        return Plan({}, (), 0.0)
    bounds = np.array([slots_of(hour) for hour in hours.tolist()], np.int64)
    requests = {target: _requests(target, gap, bounds) for target, gap in gaps.items()}
    first = _first_that_fits(_seconds(requests, rates), round_s)
    begin = slots_of(int(hours[first]))[0]
    now = {target: gap.within(begin, gap.span[1]) for target, gap in gaps.items()}
    chosen = {target: figures[first:] for target, figures in requests.items()}
    return Plan(
        gaps={target: gap for target, gap in now.items() if gap},
        units=tuple(_units(hours[first:], np.sum(list(chosen.values()), axis=0), most_units)),
        seconds=_longest(_seconds(chosen, rates)),
        later=sum(gap.size for gap in gaps.values()) - sum(gap.size for gap in now.values()),
        later_seconds=_longest(_seconds({t: figures[:first] for t, figures in requests.items()}, rates)),
        requests={target: round(float(figures.sum())) for target, figures in chosen.items() if now[target]},
    )


def _requests(target: Target, gap: Intervals, bounds: NDArray[np.int64]) -> Figures:
    """Requests that each hour's part of a gap takes; of payloads, as if every slot had one.

    :param bounds: first and end slot of each hour.
    """
    slots = (gap.count_below(bounds[:, 1]) - gap.count_below(bounds[:, 0])).astype(np.float64)
    name, endpoint = target
    return slots if endpoint == "bids" else np.ceil(slots / RELAYS[name].payload_page)


def _seconds(requests: Mapping[Target, Figures], rates: Mapping[str, float]) -> dict[str, Figures]:
    """Seconds per hour of slots that each relay's budget makes them last."""
    found: dict[str, Figures] = {}
    for (name, _), figures in requests.items():
        found[name] = found.get(name, 0.0) + MARGIN * figures / rates[name]
    return found


def _longest(seconds: Mapping[str, Figures]) -> float:
    """Relays are asked side by side: the slowest one decides."""
    return max((float(figures.sum()) for figures in seconds.values()), default=0.0)


def _first_that_fits(seconds: Mapping[str, Figures], round_s: float) -> int:
    lasting = np.max([np.cumsum(figures[::-1]) for figures in seconds.values()], axis=0)
    return len(lasting) - max(1, int(np.searchsorted(lasting, round_s, side="right")))


def _units(hours: NDArray[np.int64], requests: Figures, most: int) -> Iterator[WorkUnit]:
    """Runs of hours with about equally many requests."""
    total = np.cumsum(requests)
    count = min(most, MOST_UNITS, len(hours))
    cuts = np.searchsorted(total, total[-1] * np.arange(1, count) / count, side="left") + 1
    edges = [0, *sorted(set(cuts.tolist()) - {len(hours)}), len(hours)]
    for first, last in itertools.pairwise(edges):
        begin, end = slots_of(int(hours[first]))[0], slots_of(int(hours[last - 1]))[1]
        yield WorkUnit(begin, end, round(float(requests[first:last].sum())))


def as_markdown(plan: Plan, covered: int) -> str:
    """What a person reads before the work starts.

    :param covered: wanted slots that are there already, over all targets.
    """
    head = "| relay | endpoint | slots | requests |\n|---|---|--:|--:|\n"
    rows = (
        f"| {name} | {endpoint} | {plan.gaps[name, endpoint].size:,} | {count:,} |"
        for (name, endpoint), count in sorted(plan.requests.items())
    )
    figures = (
        f"\n\n{plan.slots:,} slots in {_counted(len(plan.units), 'unit')}, about {_lasting(plan.seconds)}; "
        f"{covered:,} are covered already. "
    )
    later = (
        f"{plan.later:,} more slots follow in later rounds, about {_lasting(plan.later_seconds)}."
        if plan.later
        else "Nothing is left for later."
    )
    return head + "\n".join(rows) + figures + later


def _lasting(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return _counted(round(seconds), "second")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def first_ranges(slots: Intervals, most: int = 3) -> str:
    """The beginning of a set in words, for messages: ``8781722-8781730, 8781800 and 4 more``."""
    pairs: Sequence[tuple[int, int]] = slots.pairs()
    shown = ", ".join(str(begin) if end == begin + 1 else f"{begin}-{end - 1}" for begin, end in pairs[:most])
    return shown if len(pairs) <= most else f"{shown} and {len(pairs) - most} more"
