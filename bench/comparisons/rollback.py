"""Going back to the build before while eight readers join several relations."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psycopg

from bench.context import Bench
from bench.publishing import MOST_ROWS, Facades
from bench.readers import Reading, readers
from bench.result import Line, Result, at_most
from bench.warehouse import OurWay
from regendata import settings
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import publications
from regendata.hooks.warehouse.rollback import Rollback, roll_back, rollback_policy
from sandbox.bootstrap import OWNER, WAREHOUSE

MOST_SECONDS = 2
FAILED_READS = 0
#: Readers alone, before and after.
MARGIN_SECONDS = 0.5


@dataclass(frozen=True)
class RolledBack:
    """One rollback: its seconds, tries included, and what readers met around it."""

    seconds: float
    tries: int
    reading: Reading
    began: float

    @property
    def longest_wait(self) -> float:
        """Seconds of the slowest short read during the rollback."""
        during = self.reading.during(self.began, self.began + self.seconds)
        return max((read.seconds for read in during if not read.is_long), default=0.0)


def compare(bench: Bench) -> Result:
    """Two publishes, then back and forth."""
    ours = OurWay(bench)
    ours.ensure_published()
    way = Facades(ours.project, "bench_rolled_back", system="bench_rollback")
    found: list[RolledBack] = []
    with connect() as conn:
        way.clear(conn)
        try:
            for _ in range(2):
                way.prepare(conn)
                way.publish(conn)
            for number in range(bench.publishes):
                bench.tell(f"rollback {number + 1} of {bench.publishes}")
                found.append(_rolled_back(bench, conn, way, number))
        finally:
            way.clear(conn)
    return _result(found)


def _rolled_back(bench: Bench, conn: psycopg.Connection, way: Facades, number: int) -> RolledBack:
    _, before = publications.shown_builds(conn, way.system)
    asked = Rollback(way.system, before, "bench", "to measure", asks_next=False, run_id=f"bench {number}")
    bench.settle()
    with readers(bench.sandbox.dsn(WAREHOUSE, OWNER), way.schema) as reading:
        time.sleep(MARGIN_SECONDS)
        began = time.monotonic()
        switched = roll_back(conn, asked, rollback_policy(settings.load()))
        seconds = time.monotonic() - began
        time.sleep(MARGIN_SECONDS)
    return RolledBack(seconds, switched.attempts, reading, began)


def _result(found: list[RolledBack]) -> Result:
    longest = max(one.seconds for one in found)
    failed = sum(len(one.reading.failed) for one in found)
    waited = max(one.longest_wait for one in found)
    reads = sum(len(one.reading.reads) for one in found)
    return Result(
        lines=[
            Line(
                "rollback beside readers, longest",
                "",
                f"{longest:.2f} s",
                longest,
                " s",
                at_most(MOST_SECONDS),
            ),
            Line("rollback: longest wait of a read", "", f"{waited:.2f} s", waited, " s"),
            Line("rollback: failed reads", "", str(failed), failed, "", at_most(FAILED_READS)),
        ],
        samples={"rollback": [[one.seconds, one.tries] for one in found]},
        notes=[
            f"{len(found)} rollbacks of copies of at most {MOST_ROWS:,} rows, {reads:,} reads beside them"
        ],
    )
