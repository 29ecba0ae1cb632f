"""The database that counts tweets: read only, and all reads of one copy in one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from regendata.exceptions import SourceUnavailable
from regendata.hooks.postgres import PgConnection, connect
from regendata.sources.token_metrics.hours import SourceHour, Span

CONN_ID = "tokens_db"
#: Rows are handed on together up to about this size: single ones cost more than what is in them.
PIECE_BYTES = 1 << 18

# Casts are to the columns of the warehouse: binary COPY does not convert.
_COPY_OUT = sql.SQL("""
COPY (
  SELECT id::text, timezone::text, "timestamp"::integer, date::timestamp, symbol::text,
    count::double precision, sentiment::double precision
  FROM tweetvolumeshours WHERE "timestamp" >= {begin} AND "timestamp" < {end}
) TO STDOUT (FORMAT binary)
""")
_HOURS = """
SELECT "timestamp" / 3600 * 3600, count(*), sum(hash_record_extended(
  ROW(id, timezone, "timestamp", date, symbol, count, sentiment), 0
))::text
FROM tweetvolumeshours WHERE "timestamp" >= %s AND "timestamp" < %s GROUP BY 1
"""


@dataclass(frozen=True)
class TokenSource:
    """One snapshot of the source; rows that change meanwhile are seen by the next one."""

    conn: PgConnection

    def hours(self, span: Span) -> list[SourceHour]:
        """Rows and fingerprint of every hour that has rows."""
        with _told():
            rows = self.conn.execute(_HOURS, [span.begin, span.end]).fetchall()
        return [SourceHour(*row) for row in rows]

    def oldest(self) -> int | None:
        """Timestamp of the oldest row; None for an empty source."""
        with _told():
            row = self.conn.execute('SELECT min("timestamp") FROM tweetvolumeshours').fetchone()
        return row[0] if row else None

    def later_than(self, moment: int) -> int:
        """Rows that say they are from the future."""
        with _told():
            row = self.conn.execute(
                'SELECT count(*) FROM tweetvolumeshours WHERE "timestamp" >= %s', [moment]
            ).fetchone()
        return int(row[0]) if row else 0

    def rows(self, span: Span) -> Iterator[bytes]:
        """All rows of the span, in binary COPY format, a piece of many rows at a time."""
        statement = _COPY_OUT.format(begin=sql.Literal(span.begin), end=sql.Literal(span.end))
        piece = bytearray()
        with _told(), self.conn.cursor() as cursor, cursor.copy(statement) as copy:
            for row in copy:
                piece += row
                if len(piece) >= PIECE_BYTES:
                    yield bytes(piece)
                    piece.clear()
        yield bytes(piece)

    @contextmanager
    def beside(self, number: int) -> Iterator[list[TokenSource]]:
        """So many readers of the same snapshot, this one among them."""
        with ExitStack() as others:
            readers = [self]
            if number > 1:
                with _told():
                    row = self.conn.execute("SELECT pg_export_snapshot()").fetchone()
                snapshot = sql.Literal(row[0] if row else None)
                readers += [others.enter_context(_reader(CONN_ID, snapshot)) for _ in range(number - 1)]
            yield readers


@contextmanager
def _told() -> Iterator[None]:
    """:raises SourceUnavailable: in place of an error of the source, with its first line."""
    try:
        yield
    except psycopg.Error as error:
        words = str(error).strip().splitlines() or [type(error).__name__]
        raise SourceUnavailable(f"{CONN_ID}: {words[0]}") from error


@contextmanager
def open_source(conn_id: str = CONN_ID) -> Iterator[TokenSource]:
    """A read-only snapshot.

    :raises SourceUnavailable: no connection; its methods raise it for one that broke off, or a table that is
        not as agreed.
    """
    with _reader(conn_id) as source:
        yield source


@contextmanager
def _reader(conn_id: str, snapshot: sql.Literal | None = None) -> Iterator[TokenSource]:
    """:param snapshot: of another reader; its own unless given."""
    with connect(conn_id) as conn:
        conn.read_only = True
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with conn.transaction():
            if snapshot is not None:
                with _told():
                    conn.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
            yield TokenSource(conn)
