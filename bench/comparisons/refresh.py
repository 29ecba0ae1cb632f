"""The whole refresh: against materialized views over postgres_fdw, with nothing changed, and to its floor."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence

from bench.context import Bench
from bench.floor import Floor
from bench.measure import Side, Timings, alternate
from bench.obvious import ObviousSide, totals_of
from bench.result import Line, Result, Table, at_least, ratio, samples
from bench.warehouse import OurWay
from regendata.hooks.postgres import connect
from regendata.publish.checks import Totals
from sandbox.refresh import Refreshed

FULL_TIMES_FASTER = 3
UNCHANGED_TIMES_FASTER = 100
#: USD totals are sums of floating-point numbers in whatever order.
RELATIVE_TOLERANCE = 1e-6


def compare(bench: Bench) -> Result:
    """Obvious, full, unchanged, floor; then the same again."""
    ours = OurWay(bench)
    ours.prepare()
    obvious = ObviousSide.of(bench, ours)
    floor = Floor(bench.sandbox, ours.project, ours.versions)
    bench.tell("obvious refresh, full refresh, the same unjudged, unchanged refresh, floor, and again")
    ours.runs.clear()
    sides = {
        "obvious": obvious.side(),
        "full": ours.full(),
        "unjudged": ours.unjudged(),
        "unchanged": ours.unchanged(),
        "floor": Side(floor.run, before=floor.prepare, after=floor.clear),
    }
    try:
        timings = alternate(sides, bench.rounds, bench.budget_seconds)
    finally:
        obvious.clear()
    return _result(timings, obvious, ours)


def _result(timings: Mapping[str, Timings], obvious: ObviousSide, ours: OurWay) -> Result:
    with connect() as conn:
        totals = totals_of(conn, obvious.way, lambda relation: relation)
    base, full, unchanged, floor = (timings[name] for name in ("obvious", "full", "unchanged", "floor"))
    unjudged = timings["unjudged"]
    return Result(
        lines=[
            ratio("full refresh, obvious / ours", base, full, at_least(FULL_TIMES_FASTER)),
            ratio("the same without checks and comparison, obvious / ours", base, unjudged, None),
            ratio("nothing changed, obvious full / ours", base, unchanged, at_least(UNCHANGED_TIMES_FASTER)),
            Line("full refresh, ours / floor", str(floor), str(full), full.median / floor.median, "x"),
        ],
        samples=samples(timings),
        tables=[_same_relations(obvious.totals, totals), _steps(obvious.seconds, ours.runs)],
        notes=[
            "obvious: default options, one connection, one index per key; Dune's rows are landed already",
            "ours: everything landed again, all indexes, checks, ANALYZE, publish, permissions, receipt",
            "floor: binary COPY through psql and CREATE TABLE AS, two at a time; no index, no check",
        ],
    )


def _same_relations(obvious: Mapping[str, Totals], ours: Mapping[str, Totals]) -> Table:
    rows = [
        (name, f"{one.rows:,}", f"{other.rows:,}", _usd(one), _usd(other), _verdict(one, other))
        for name, one, other in ((name, obvious[name], ours[name]) for name in obvious)
    ]
    headings = ("relation", "rows obvious", "rows ours", "USD obvious", "USD ours", "")
    return Table("Both ways, same relations", headings, rows)


def _usd(totals: Totals) -> str:
    return "" if totals.amount_usd is None else f"{totals.amount_usd:,.0f}"


def _verdict(theirs: Totals, ours: Totals) -> str:
    close = math.isclose(theirs.amount_usd or 0, ours.amount_usd or 0, rel_tol=RELATIVE_TOLERANCE)
    return "same" if theirs.rows == ours.rows and close else "[red]differ[/red]"


def _steps(obvious: Sequence[Mapping[str, float]], runs: Sequence[Refreshed]) -> Table:
    """Medians per step; steps of a refresh run beside each other."""
    full = [run.seconds for run in runs if "judge" in run.seconds]
    unchanged = [run.seconds for run in runs if "views" not in run.seconds]
    theirs = [{f"views.{name}": seconds for name, seconds in views.items()} for views in obvious]
    rows = [(step, *(_median_of(step, found) for found in (theirs, full, unchanged))) for step in full[0]]
    return Table("Seconds per step, ours two at a time", ("step", "obvious", "full", "unchanged"), rows)


def _median_of(step: str, runs: Sequence[Mapping[str, float]]) -> str:
    """Empty where the step does not exist."""
    seconds = [run[step] for run in runs if step in run]
    return f"{statistics.median(seconds):.2f}" if seconds else ""
