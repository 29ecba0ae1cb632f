"""The database that counts tweets per symbol and hour, up to the last full hour."""

from __future__ import annotations

import psycopg

from sandbox.generator.scripts import run

_TABLE = """
CREATE TABLE IF NOT EXISTS tweetvolumeshours (
  id text PRIMARY KEY, timezone text, "timestamp" integer, date timestamp, symbol text,
  count double precision, sentiment double precision
)
"""
_INDEX = 'CREATE INDEX IF NOT EXISTS tweetvolumeshours_timestamp ON tweetvolumeshours ("timestamp")'


def top_up(dsn: str) -> None:
    """Add the hours that passed since the last time; the first time, 45 days."""
    with psycopg.connect(dsn) as connection:
        connection.execute(_TABLE)
        connection.execute(_INDEX)
        run(connection, "tweets")
