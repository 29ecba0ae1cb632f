"""Publishing all relations while eight readers join several of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.context import Bench
from bench.publishing import MOST_ROWS, Facades, Published, Renames, Way
from bench.readers import LONG_READERS, SHORT_READERS, Reading, readers
from bench.result import Line, Result, Target, at_most
from bench.warehouse import OurWay
from regendata.hooks.postgres import connect
from sandbox.bootstrap import OWNER, WAREHOUSE

FAILED_READS = 0
LONGEST_WAIT_MS = 250
#: Readers alone, before and after a publish.
MARGIN_SECONDS = 0.5


@dataclass(frozen=True)
class Session:
    """One publish with what the readers met around it."""

    published: Published
    reading: Reading

    @property
    def longest_wait(self) -> float:
        """Seconds of the slowest short read during the publish; undisturbed ones take milliseconds."""
        during = self.reading.during(self.published.began, self.published.ended)
        return max((read.seconds for read in during if not read.is_long), default=0.0)


def compare(bench: Bench) -> Result:
    """Rename, switch, and again."""
    ours = OurWay(bench)
    ours.ensure_published()
    ways: dict[str, Way] = {
        "rename": Renames(ours.project, "bench_renamed"),
        "facades": Facades(ours.project, "bench_facades"),
    }
    sessions: dict[str, list[Session]] = {name: [] for name in ways}
    try:
        _first_publish(ways.values())
        for number in range(bench.publishes):
            bench.tell(f"publish {number + 1} of {bench.publishes}")
            for name, way in ways.items():
                sessions[name].append(_session(bench, way))
    finally:
        _clear(ways.values())
    return _result(sessions)


def _first_publish(ways: Iterable[Way]) -> None:
    _clear(ways)
    with connect() as conn:
        for way in ways:
            way.prepare(conn)
            way.publish(conn)


def _clear(ways: Iterable[Way]) -> None:
    with connect() as conn:
        for way in ways:
            way.clear(conn)


def _session(bench: Bench, way: Way) -> Session:
    with connect() as conn:
        way.prepare(conn)
        bench.settle()
        with readers(bench.sandbox.dsn(WAREHOUSE, OWNER), way.schema) as reading:
            time.sleep(MARGIN_SECONDS)
            published = way.publish(conn)
            time.sleep(MARGIN_SECONDS)
    return Session(published, reading)


def _result(sessions: Mapping[str, Sequence[Session]]) -> Result:
    return Result(
        lines=[
            _line("failed reads", sessions, _failed_reads, "", at_most(FAILED_READS)),
            _line("longest wait of a read", sessions, _longest_wait_ms, " ms", at_most(LONGEST_WAIT_MS)),
            _line("longest publish transaction", sessions, _longest_transaction_ms, " ms"),
            _line("longest publish, tries included", sessions, _longest_publish, " s"),
            _line("most tries of one publish", sessions, _most_tries, ""),
        ],
        samples={name: [_sample(session) for session in found] for name, found in sessions.items()},
        notes=[
            f"{len(sessions['rename'])} publishes of each way, of copies of at most {MOST_ROWS:,} rows",
            f"{LONG_READERS} readers scan and join all the time, {SHORT_READERS} look up rows",
            f"{_reads(sessions['rename']):,} reads beside renames, "
            f"{_reads(sessions['facades']):,} beside facades",
            "waits are those of short reads that were under way during a publish",
        ],
    )


def _line(
    name: str,
    sessions: Mapping[str, Sequence[Session]],
    figure: Callable[[Sequence[Session]], float],
    unit: str,
    target: Target | None = None,
) -> Line:
    baseline, ours = figure(sessions["rename"]), figure(sessions["facades"])
    return Line(f"publish: {name}", f"{baseline:,.3g}{unit}", f"{ours:,.3g}{unit}", ours, unit, target)


def _failed_reads(sessions: Sequence[Session]) -> float:
    return sum(len(session.reading.failed) for session in sessions)


def _longest_wait_ms(sessions: Sequence[Session]) -> float:
    return max(session.longest_wait for session in sessions) * 1000


def _longest_transaction_ms(sessions: Sequence[Session]) -> float:
    return max(session.published.transaction_seconds for session in sessions) * 1000


def _longest_publish(sessions: Sequence[Session]) -> float:
    return max(session.published.ended - session.published.began for session in sessions)


def _most_tries(sessions: Sequence[Session]) -> float:
    return max(session.published.tries for session in sessions)


def _reads(sessions: Sequence[Session]) -> int:
    return sum(len(session.reading.reads) for session in sessions)


def _sample(session: Session) -> dict[str, Any]:
    return {
        **asdict(session.published),
        "reads": len(session.reading.reads),
        "longest_wait_seconds": session.longest_wait,
        "errors": [read.error for read in session.reading.failed],
    }
