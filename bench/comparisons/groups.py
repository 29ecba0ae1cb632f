"""Grouping projects by ten sorts against counting, for every pair of rows, the values they share."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import psutil

from bench.context import Bench
from bench.measure import Timings
from bench.result import Line, Result, Table, at_least, at_most, ratio

#: Projects, and how many of them left two attributes as the form had them.
RANDOM, COMMON, SKEWED = (20_000, 0), (100_000, 3_000), (100_000, 12_000)
SMALL, LARGE = (50_000, 3_000), (200_000, 3_000)
#: The obvious way keeps each pair in a dictionary; with less memory free, the skewed rows are left out.
SKEWED_NEEDS_GB = 12
GIBIBYTE = 1024**3

Size = tuple[int, int]
Found = Mapping[str, Any]
Runs = dict[Size, list[Found]]


def compare(bench: Bench) -> Result:
    """Each measurement in a process of its own, from the same cleaned rows; imports are not counted."""
    sizes = [RANDOM, COMMON, *([SKEWED] if _free_gb() >= SKEWED_NEEDS_GB else [])]
    obvious, ours = _runs(bench, sizes)
    targets = {COMMON: at_least(100), SKEWED: at_least(300)}
    lines = [
        ratio(f"group {_named(size)}", _timings(obvious[size]), _timings(ours[size]), targets.get(size))
        for size in sizes
    ]
    same = sum(_digests(obvious[size]) == _digests(ours[size]) for size in sizes)
    return Result(
        lines=[*lines, _growth(ours), _memory(obvious[COMMON], ours[COMMON]), _same(same, len(sizes))],
        samples={way: _samples(found) for way, found in (("obvious", obvious), ("triples", ours))},
        tables=[_steps(ours)],
        notes=[
            "obvious: pandas groupby, itertools.combinations, networkx; one measurement per size",
            "CPU seconds of all threads, so that what else the machine does counts on neither side",
            "the ratios count grouping alone and no placeholder rule; what ours does besides is in the table",
            *([] if SKEWED in sizes else [f"{_named(SKEWED)} left out: less than {SKEWED_NEEDS_GB} GB free"]),
        ],
    )


def _runs(bench: Bench, sizes: Sequence[Size]) -> tuple[Runs, Runs]:
    """The obvious way once per size, ours once beside it and as often again as asked for, in turn."""
    obvious: Runs = {size: [] for size in sizes}
    ours: Runs = {size: [] for size in (*sizes, SMALL, LARGE)}
    for number in range(bench.rounds):
        for size, found in ours.items():
            bench.tell(f"round {number + 1}: {_named(size)}")
            found.append(_run("triples", size))
            if number == 0 and size in obvious:
                obvious[size].append(_run("obvious", size))
    return obvious, ours


def _run(way: str, size: Size) -> Found:
    command = [sys.executable, "-m", "bench.grouping", way, *map(str, size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: Found = json.loads(done.stdout.splitlines()[-1])
    return found


def _timings(found: Sequence[Found], step: str = "group") -> Timings:
    return Timings(tuple(one["seconds"][step] for one in found))


def _digests(found: Sequence[Found]) -> set[str]:
    return {one["digest"] for one in found}


def _growth(ours: Runs) -> Line:
    small, large = _timings(ours[SMALL]), _timings(ours[LARGE])
    name = f"growth from {SMALL[0]:,} to {LARGE[0]:,} projects"
    return Line(name, str(small), str(large), large.median / small.median, "x", at_most(5))


def _memory(obvious: Sequence[Found], ours: Sequence[Found]) -> Line:
    theirs, own = (max(one["grown_mb"] for one in found) for found in (obvious, ours))
    return Line(
        f"memory for {_named(COMMON)}", f"{theirs:,.0f} MB", f"{own:,.0f} MB", own, " MB", at_most(100)
    )


def _same(same: int, sizes: int) -> Line:
    return Line("sizes with identical groups", f"{sizes}", f"{same}", same, "", at_least(sizes))


def _steps(ours: Runs) -> Table:
    """What a run does besides: cleaning before it, ids and reasons after it."""
    names = list(next(iter(ours.values()))[0]["seconds"])
    rows = [
        [
            _named(size),
            f"{found[0]['groups']:,}",
            *(f"{_timings(found, name).median:.3f} s" for name in names),
        ]
        for size, found in ours.items()
    ]
    return Table("steps of ours", ["rows", "groups", *names], rows)


def _samples(found: Runs) -> dict[str, list[Found]]:
    return {_named(size): list(runs) for size, runs in found.items()}


def _named(size: Size) -> str:
    projects, shared = size
    return f"{projects:,} projects" + (f", {shared:,} with a placeholder" if shared else "")


def _free_gb() -> float:
    return float(psutil.virtual_memory().available) / GIBIBYTE
