"""A source of tweet counts of any size, and this repository's way through it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone

import psycopg
from psycopg import sql

from regendata import settings
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.schema import columns
from regendata.landing import token_metrics
from regendata.landing.token_metrics import COUNTS, METRICS, CopyRequest
from regendata.models.project import load_project
from regendata.models.relation import Relation
from sandbox.layout import Sandbox

DATABASE = "bench_tweets"
VARIABLE = "AIRFLOW_CONN_TOKENS_DB"
HOUR = 3_600
FIRST = 490_000 * HOUR
# One hour in twenty is missing; symbols of three letters are kept as they are.
_FILL = """
INSERT INTO tweetvolumeshours (id, timezone, "timestamp", date, symbol, count, sentiment)
SELECT md5(symbol || '-' || second), 'UTC', second, to_timestamp(second) AT TIME ZONE 'UTC',
  chr(97 + symbol %% 26) || chr(97 + symbol / 26 %% 26) || chr(97 + symbol / 676 %% 26),
  floor(exp(9 * (hashtextextended(symbol::text || second, 1) & 1023) / 1023.0)) - 1,
  round(((hashtextextended(symbol::text || second, 2) & 1023) / 512.0 - 1)::numeric, 3)
FROM generate_series(0, %(symbols)s - 1) AS symbol,
  generate_series(%(first)s::bigint, %(last)s::bigint, 3600) AS second
WHERE (hashtextextended(symbol::text || second, 3) & 1023) >= 51
"""
_TABLE = """
CREATE TABLE tweetvolumeshours (
  id text PRIMARY KEY, timezone text, "timestamp" integer, date timestamp, symbol text,
  count double precision, sentiment double precision
)
"""


@dataclass(frozen=True)
class Tweets:
    """A source with so many symbols."""

    sandbox: Sandbox
    symbols: int

    @property
    def dsn(self) -> str:
        return self.sandbox.dsn(DATABASE)

    def make(self, hours: int) -> None:
        """The database anew, with that many hours from FIRST on."""
        self.drop()
        with psycopg.connect(self.sandbox.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(_TABLE)
            connection.execute('CREATE INDEX ON tweetvolumeshours ("timestamp")')
        self.add(0, hours)

    def add(self, first_hour: int, hours: int) -> None:
        """Rows of further hours."""
        begin = FIRST + first_hour * HOUR
        parameters = {"symbols": self.symbols, "first": begin, "last": begin + (hours - 1) * HOUR}
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(_FILL, parameters)
            connection.execute("VACUUM (ANALYZE) tweetvolumeshours")

    def drop(self) -> None:
        with psycopg.connect(self.sandbox.dsn("postgres"), autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(DATABASE)))


@contextmanager
def connected(tweets: Tweets) -> Iterator[None]:
    """The hourly run reads this source, and its tables stand."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = tweets.dsn
    try:
        token_metrics.prepare(load_project("token_metrics"), "bench", settings.load())
        yield
    finally:
        if before is not None:
            os.environ[VARIABLE] = before
        tweets.drop()
        empty()


def empty() -> None:
    """Forget all counts and metrics."""
    with connect() as conn:
        tables = [*COUNTS, *METRICS, Relation("token_metrics", "tweetvolumeshours")]
        names = sql.SQL(", ").join(sql.Identifier(*table) for table in columns(conn, tables))
        conn.execute(sql.SQL("TRUNCATE {}").format(names))


def run(hours: int) -> float:
    """Seconds of copying, cleaning and computing, five minutes after so many hours from FIRST on."""
    now = datetime.fromtimestamp(FIRST + hours * HOUR + 300, timezone.utc)
    options = settings.load()
    began = time.perf_counter()
    token_metrics.copy(CopyRequest(now), "bench", options)
    token_metrics.compute_metrics("bench", options)
    return time.perf_counter() - began
