"""Timing two or more ways of doing the same, in turn, so that a busy machine is busy for all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


def nothing() -> None:
    """Stands where a side has nothing to prepare or to clear."""


@dataclass(frozen=True)
class Side:
    """One way of doing it; only ``run`` is timed, unless it gives the seconds that count by itself."""

    run: Callable[[], float | None]
    before: Callable[[], object] = nothing
    after: Callable[[], object] = nothing


@dataclass(frozen=True)
class Timings:
    """Seconds of the same thing, in the order they were measured; at least one."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def over(self, floor: float) -> Timings:
        """The same without what something else takes anyway."""
        return Timings(tuple(second - floor for second in self.seconds))

    def __str__(self) -> str:
        low, high = min(self.seconds), max(self.seconds)
        spread = f" ({low:,.3g}-{high:,.3g})" if len(self.seconds) > 1 else ""
        return f"{self.median:,.3g} s{spread}"


def alternate(sides: Mapping[str, Side], rounds: int, budget_seconds: float) -> dict[str, Timings]:
    """Run all sides in order, round after round: A B A B.

    :param budget_seconds: no further round is begun that would end after this, going by the last one.
    """
    found: dict[str, list[float]] = {name: [] for name in sides}
    began = time.monotonic()
    for _ in range(rounds):
        round_began = time.monotonic()
        for name, side in sides.items():
            found[name].append(timed(side))
        now = time.monotonic()
        if now - began + (now - round_began) > budget_seconds:
            break
    return {name: Timings(tuple(seconds)) for name, seconds in found.items()}


def timed(side: Side) -> float:
    """Seconds of one run; what follows it happens also after an error."""
    side.before()
    try:
        began = time.perf_counter()
        own = side.run()
        return time.perf_counter() - began if own is None else own
    finally:
        side.after()
