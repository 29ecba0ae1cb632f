"""The public API under load, beside a plain SQL round trip and beside adding events up per request."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg

from bench.context import Bench
from bench.http_load import Load, load, public_api
from bench.result import Line, Result, at_least, at_most
from bench.warehouse import OurWay
from regendata.hooks.warehouse.leaderboard import ROLES, SPANS
from sandbox.bootstrap import API_READER, WAREHOUSE

WORKERS = 2
CLIENTS = 16
SECONDS = 5.0
#: As many as there are cores: each of these statements keeps one busy.
OBVIOUS_CLIENTS = 2
ADDRESSES = 20_000

TIMES_FASTER = 10
MOST_P99_MS = 100

PAGE = """
SELECT rank, address, name, gmv, events, first_at, last_at FROM experimental_views.allo_gmv_leaderboard
WHERE time_window = %s AND role = %s ORDER BY gmv DESC, address DESC LIMIT 51
"""
#: Values of a statement for a window and a role.
Parameters = Callable[[str, str], list[str]]
OBVIOUS = """
SELECT address, max(name) AS name, sum(gmv) AS gmv, count(*) AS events
FROM experimental_views.allo_gmv_leaderboard_events
WHERE role = %s AND (%s = 'all' OR tx_timestamp > (
  SELECT max(tx_timestamp) FROM experimental_views.allo_gmv_leaderboard_events
) - (substring(%s FROM '[0-9]+') || ' days')::interval)
GROUP BY address ORDER BY gmv DESC LIMIT 50
"""


@dataclass(frozen=True)
class Measured:
    """The same question asked in every way, and one that no cache can hold."""

    kept: Load
    addresses: Load
    statements: Load
    obvious: Load


def compare(bench: Bench, seconds: float = SECONDS) -> Result:
    """Each way for a few seconds, one after the other."""
    OurWay(bench).ensure_published()
    dsn = bench.sandbox.dsn(WAREHOUSE, API_READER)
    bench.tell("the public API, plain statements, statements over events")
    with public_api(WORKERS, {"REGENDATA_PUBLIC_API_PER_MINUTE": "0"}) as address:
        measured = Measured(
            kept=load(address, _pages(), CLIENTS, seconds),
            addresses=load(address, _addresses(dsn), CLIENTS, seconds),
            statements=_statements(dsn, PAGE, lambda window, role: [window, role], CLIENTS, seconds),
            obvious=_statements(
                dsn, OBVIOUS, lambda window, role: [role, window, window], OBVIOUS_CLIENTS, seconds
            ),
        )
    return _result(measured)


def _result(found: Measured) -> Result:
    kept, plain = found.kept, found.statements
    failures = kept.failures + found.addresses.failures
    return Result(
        lines=[
            Line(
                "leaderboard pages a second, ours / added up per request",
                str(found.obvious),
                str(kept),
                kept.per_second / found.obvious.per_second,
                "x",
                at_least(TIMES_FASTER),
            ),
            Line("leaderboard page, requests a second", f"SQL {plain}", str(kept), kept.per_second, "/s"),
            Line(
                "leaderboard page, p99", f"SQL {plain}", str(kept), kept.p99_ms, " ms", at_most(MOST_P99_MS)
            ),
            Line("any address, p99", "", str(found.addresses), found.addresses.p99_ms, " ms"),
            Line("requests that failed", "", f"{failures}", failures, "", at_most(0)),
        ],
        samples={
            name: {"per_second": one.per_second, "median_ms": one.median_ms, "p99_ms": one.p99_ms}
            for name, one in vars(found).items()
        },
        notes=[
            f"{CLIENTS} clients without a pause, {WORKERS} processes of the API; clients, API and PostgreSQL "
            "share the cores",
            "SQL: the statement of a page alone, over open sessions, fetched and thrown away",
        ],
    )


def _questions() -> list[tuple[str, str]]:
    return list(itertools.product(SPANS, ROLES))


def _pages() -> _Paths:
    return _Paths([f"/v1/leaderboard?window={window}&role={role}" for window, role in _questions()])


def _addresses(dsn: str) -> _Paths:
    """Different addresses, so that hardly an answer is kept already."""
    with psycopg.connect(dsn) as conn:
        rows = conn.execute(
            "SELECT address FROM experimental_views.allo_gmv_leaderboard WHERE time_window = 'all' LIMIT %s",
            [ADDRESSES],
        ).fetchall()
    return _Paths([f"/v1/leaderboard/addresses/{address}" for (address,) in rows])


class _Paths:
    """Paths in an order that is the same in every run, again and again."""

    def __init__(self, paths: Sequence[str]) -> None:
        shuffled = list(paths)
        random.Random(1).shuffle(shuffled)
        self._next = itertools.cycle(shuffled)

    def __call__(self) -> str:
        return next(self._next)


def _statements(dsn: str, statement: str, parameters: Parameters, clients: int, seconds: float) -> Load:
    found = Load()
    began = time.perf_counter()
    threads = [
        threading.Thread(target=_ask, args=(dsn, statement, parameters, number, began + seconds, found))
        for number in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.wall_seconds = time.perf_counter() - began
    return found


def _ask(dsn: str, statement: str, parameters: Parameters, first: int, until: float, found: Load) -> None:
    questions = itertools.islice(itertools.cycle(_questions()), first, None)
    with psycopg.connect(dsn, autocommit=True) as conn:
        while time.perf_counter() < until:
            began = time.perf_counter()
            conn.execute(statement, parameters(*next(questions))).fetchall()
            found.seconds.append(time.perf_counter() - began)
