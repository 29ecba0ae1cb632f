"""Eight people who read the published relations without a pause, in a process of their own.

`python -m bench.readers` takes one JSON object (`dsn`, `schema`) on its standard input, reads until that is
closed, and prints what became of every read. Three readers scan and join all the time; five look up single
rows, half of them by a join. Clocks are monotonic, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg
from psycopg import sql

LONG_READERS = 3
SHORT_READERS = 5
KEYS = 200
STOP_SECONDS = 60

SAMPLE = """
SELECT d.id AS donation, a.donation_id
FROM (SELECT id, row_number() OVER () AS n FROM {schema}.donations LIMIT {keys}) AS d
INNER JOIN (SELECT donation_id, row_number() OVER () AS n FROM {schema}.all_donations LIMIT {keys}) AS a
  ON d.n = a.n
"""
SHORT = (
    "SELECT amount_in_usd FROM {schema}.donations WHERE id = %(donation)s",
    "SELECT donation_id FROM {schema}.all_donations WHERE donation_id = %(donation_id)s",
    "SELECT d.amount_in_usd, a.status FROM {schema}.donations AS d INNER JOIN {schema}.applications AS a "
    "ON a.id = d.application_id AND a.chain_id = d.chain_id AND a.round_id = d.round_id "
    "WHERE d.id = %(donation)s",
    "SELECT r.strategy_name, d.amount_in_usd FROM {schema}.rounds AS r INNER JOIN {schema}.donations AS d "
    "ON r.id = d.round_id AND r.chain_id = d.chain_id WHERE d.id = %(donation)s",
)
LONG = (
    "SELECT a.status, count(*), sum(d.amount_in_usd) FROM {schema}.donations AS d "
    "INNER JOIN {schema}.applications AS a ON a.id = d.application_id AND a.chain_id = d.chain_id "
    "AND a.round_id = d.round_id GROUP BY a.status",
    "SELECT r.strategy_name, count(DISTINCT d.donor_address) FROM {schema}.rounds AS r "
    "INNER JOIN {schema}.donations AS d ON r.id = d.round_id AND r.chain_id = d.chain_id "
    "GROUP BY r.strategy_name",
    "SELECT e.role, count(*), sum(e.gmv) FROM {schema}.experimental_views__allo_gmv_leaderboard_events AS e "
    "LEFT JOIN {schema}.all_donations AS d ON e.tx_hash = d.transaction_hash GROUP BY e.role",
)


@dataclass(frozen=True)
class Read:
    """One read: seconds on the monotonic clock, and the error's name if it failed."""

    is_long: bool
    began: float
    ended: float
    error: str | None

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass
class Reading:
    """What the readers met; filled when they stop."""

    reads: list[Read] = field(default_factory=list)

    @property
    def failed(self) -> list[Read]:
        return [read for read in self.reads if read.error]

    def during(self, began: float, ended: float) -> list[Read]:
        """Reads that were under way at any moment between."""
        return [read for read in self.reads if read.began <= ended and read.ended >= began]


@contextmanager
def readers(dsn: str, schema: str) -> Iterator[Reading]:
    """Readers at work; they stop, and tell, at the end of the block."""
    reading = Reading()
    command = [sys.executable, "-m", "bench.readers"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True) as process:
        try:
            _tell(process, json.dumps({"dsn": dsn, "schema": schema}))
            _await_line(process)
            yield reading
            output, _ = process.communicate(timeout=STOP_SECONDS)
            reading.reads += [Read(**read) for read in json.loads(output)]
        finally:
            process.kill()


def _tell(process: subprocess.Popen[str], line: str) -> None:
    if process.stdin:
        process.stdin.write(line + "\n")
        process.stdin.flush()


def _await_line(process: subprocess.Popen[str]) -> None:
    """The readers say one line once every one of them has read."""
    if process.stdout:
        process.stdout.readline()


@dataclass
class Readers:
    """The other end: connections, queries, and what became of them."""

    dsn: str
    schema: str
    keys: Sequence[dict[str, Any]] = ()
    reads: list[Read] = field(default_factory=list)
    is_over: bool = False

    async def run(self) -> None:
        """Read until the standard input ends."""
        self.keys = self._sample()
        tasks = [asyncio.create_task(self._reader(LONG, number)) for number in range(LONG_READERS)]
        tasks += [asyncio.create_task(self._reader(SHORT, number)) for number in range(SHORT_READERS)]
        while len(self.reads) < len(tasks):
            await asyncio.sleep(0.01)
        print("reading", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        self.is_over = True
        await asyncio.gather(*tasks)
        print(json.dumps([asdict(read) for read in self.reads]))

    def _sample(self) -> list[dict[str, Any]]:
        """Keys to look up, the same in every build."""
        query = sql.SQL(SAMPLE).format(schema=sql.Identifier(self.schema), keys=sql.Literal(KEYS))
        with psycopg.connect(self.dsn) as conn:
            return [{"donation": row[0], "donation_id": row[1]} for row in conn.execute(query)]

    async def _reader(self, queries: Sequence[str], seed: int) -> None:
        statements = [sql.SQL(query).format(schema=sql.Identifier(self.schema)) for query in queries]
        chance = random.Random(seed)
        connection = await psycopg.AsyncConnection.connect(self.dsn, autocommit=True)
        async with connection:
            while not self.is_over:
                key = chance.choice(self.keys)
                self.reads.append(await _read(connection, chance.choice(statements), key, queries is LONG))


async def _read(
    connection: psycopg.AsyncConnection, statement: sql.Composed, key: dict[str, Any], is_long: bool
) -> Read:
    began, error = time.monotonic(), None
    try:
        await (await connection.execute(statement, key)).fetchall()
    except psycopg.Error as failure:
        error = type(failure).__name__
    return Read(is_long, began, time.monotonic(), error)


if __name__ == "__main__":
    asyncio.run(Readers(**json.loads(sys.stdin.readline())).run())
