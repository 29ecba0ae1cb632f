"""Metrics of symbols whose counts changed, over as many hours as a change reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TypeAlias

import numpy as np
import psycopg
from psycopg import sql

from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.warehouse.filling import ahead, filling, is_empty
from regendata.hooks.warehouse.side_by_side import set_work_mem, side_by_side
from regendata.models.relation import Relation
from regendata.settings import Settings
from regendata.sources.token_metrics import packed, windows
from regendata.sources.token_metrics.hours import HOUR, REACH_HOURS
from regendata.sources.token_metrics.packed import SIGNATURE, TRAILER, Symbols
from regendata.sources.token_metrics.windows import UNKNOWN_MOOD, Counts, Flags, Ints

#: Columns, and rows of them in binary COPY format.
Piece: TypeAlias = tuple[list[str], memoryview]
TARGET = Relation("token_metrics", "metric_hours")
#: Hours of symbols that are computed at a time, on all connections together, which bounds memory, and how
#: many hours one reading of counts has at least and at most: each takes 15 days more.
CHUNK_CELLS, LEAST_HOURS, MOST_HOURS = 2_200_000, 24, 30 * 24
#: Fewer are replaced chunk by chunk, as are more, so that a run which breaks off loses half a minute, and all
#: once there are metrics: readers wait for nothing then.
LEAST_FILL, MOST_FILL = 250_000, 5_000_000
#: Symbols computed at once, and hours sent at once: few, as what lies in the cache is soon read again.
BLOCK_SYMBOLS, BLOCK_HOURS = 4_096, 4

# A new hour moves the windows of every symbol that has any, whether it was seen in that hour or not.
_OUT_OF_DATE = """
SELECT symbol, min(first_hour) / 3600, max(last_hour) / 3600
FROM (
  SELECT symbol, first_hour, least(last_hour, %(newest)s) AS last_hour
  FROM token_metrics.stale_hours WHERE first_hour <= %(newest)s
  UNION ALL
  SELECT metric.symbol, %(computed)s + 3600, %(newest)s
  FROM token_metrics.metric_hours AS metric
  WHERE metric."timestamp" = %(computed)s AND %(newest)s > %(computed)s
) AS either
GROUP BY symbol ORDER BY symbol
"""
_NEED = """
CREATE TEMP TABLE token_need ON COMMIT DROP AS
SELECT no, symbol, first_hour, last_hour
FROM unnest(%(symbols)s::text[], %(first)s::integer[], %(last)s::integer[])
  WITH ORDINALITY AS need (symbol, first_hour, last_hour, no)
"""
_DELETE = """
DELETE FROM token_metrics.metric_hours AS metric USING token_need AS need
WHERE metric.symbol = need.symbol
  AND metric."timestamp" BETWEEN need.first_hour * 3600 AND need.last_hour * 3600
  AND metric."timestamp" BETWEEN %(begin)s * 3600 AND %(end)s * 3600
"""
# One row per hour, its values as arrays: a row per value would take most of the time.
_COUNTS = """
SELECT tweets."timestamp" / 3600, array_send(array_agg(need.no)), array_send(array_agg(tweets.count)),
  array_send(array_agg(coalesce(tweets.sentiment_e9, %(unknown)s)))
FROM token_metrics.symbol_hours AS tweets INNER JOIN token_need AS need USING (symbol)
WHERE tweets."timestamp" BETWEEN (%(begin)s - %(reach)s) * 3600 AND %(end)s * 3600
GROUP BY tweets."timestamp"
"""
#: An array as PostgreSQL sends it: a header, then every element behind its length.
_ARRAY_HEADER, _ARRAY_ELEMENT = 20, np.dtype([("length", ">i4"), ("value", ">i8")])
# The last hour may be yet to come, which a run after this one has to know.
_GO_ON_BEHIND = """
WITH computed AS (
  DELETE FROM token_metrics.stale_hours
  WHERE first_hour BETWEEN %(begin)s * 3600 AND %(end)s * 3600
  RETURNING symbol, last_hour
)
INSERT INTO token_metrics.stale_hours AS stale (symbol, first_hour, last_hour)
SELECT symbol, (%(end)s + 1) * 3600, max(last_hour) FROM computed
WHERE last_hour > %(end)s * 3600 GROUP BY symbol
ON CONFLICT (symbol, first_hour) DO UPDATE SET last_hour = greatest(stale.last_hour, excluded.last_hour)
"""
_WRITE_PROGRESS = """
INSERT INTO token_metrics.progress (newest_hour, final_through) VALUES (%(newest)s, %(final)s)
ON CONFLICT (only_row) DO UPDATE SET newest_hour = excluded.newest_hour,
  final_through = excluded.final_through, computed_at = clock_timestamp()
"""


@dataclass(frozen=True)
class Computed:
    """What was computed: symbols, rows, and the newest hour; None while no hour is known."""

    symbols: int
    rows: int
    newest_hour: int | None


@dataclass(frozen=True)
class OutOfDate:
    """Symbols, ascending, with the first and last hour (since 1970) that is to be computed of each."""

    symbols: Sequence[str]
    first: Ints
    last: Ints

    @property
    def cells(self) -> int:
        """Hours of symbols."""
        return int((self.last - self.first + 1).sum())

    @property
    def end(self) -> int:
        """Last hour of any."""
        return int(self.last.max(initial=0))

    def within(self, begin: int, end: int) -> OutOfDate:
        """Those of which an hour from ``begin`` to ``end`` is to be computed."""
        is_in = (self.first <= end) & (self.last >= begin)
        return OutOfDate(list(compress(self.symbols, is_in)), self.first[is_in], self.last[is_in])

    def parameters(self) -> dict[str, list[str] | list[int]]:
        return {"symbols": list(self.symbols), "first": self.first.tolist(), "last": self.last.tolist()}

    def part(self, begin: int, end: int) -> OutOfDate:
        """Those from one number up to, but without, another."""
        return OutOfDate(self.symbols[begin:end], self.first[begin:end], self.last[begin:end])

    def wanted(self, first: int, hours: int) -> Flags:
        """[hours, symbols]: which ones are to be computed."""
        hour = np.arange(first, first + hours)[:, None]
        return (self.first <= hour) & (hour <= self.last)


def compute(conn: PgConnection, settings: Settings) -> Computed:
    """Bring the metrics up to the counts.

    Every row is a function of counts and of the newest hour alone, so it does not matter in which order hours
    came, nor whether an earlier run was killed on its way.
    """
    newest, computed = _newest(conn)
    if newest is None:
        return Computed(0, 0, None)
    need = _out_of_date(conn, newest, computed or newest)

    rows = _fill(conn, need, settings)
    if rows is None:
        rows = _replace(conn, need, settings)
    _finish(conn, newest, settings)
    return Computed(len(need.symbols), rows, newest)


def _newest(conn: PgConnection) -> tuple[int | None, int | None]:
    """The newest hour of any symbol, and the one metrics are computed up to."""
    row = conn.execute(
        'SELECT (SELECT max("timestamp") FROM token_metrics.symbol_hours), '
        "(SELECT newest_hour FROM token_metrics.progress)"
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _out_of_date(conn: PgConnection, newest: int, computed: int) -> OutOfDate:
    rows = conn.execute(_OUT_OF_DATE, {"newest": newest, "computed": computed}).fetchall()
    symbols, first, last = zip(*rows, strict=True) if rows else ((), (), ())
    return OutOfDate(symbols, np.array(first, dtype=np.int64), np.array(last, dtype=np.int64))


def _chunks(need: OutOfDate, connections: int) -> list[tuple[int, int]]:
    """First and last hour of each reading; where there are several, as many for each connection."""
    if not need.symbols:
        return []
    begin, end = int(need.first.min()), need.end
    total = end - begin + 1
    most = min(max(CHUNK_CELLS // connections // len(need.symbols), LEAST_HOURS), MOST_HOURS)
    readings = -(-total // most)
    if readings > 1:
        readings = -(-readings // connections) * connections
    hours = -(-total // readings)
    return [(first, min(first + hours - 1, end)) for first in range(begin, end + 1, hours)]


def _fill(conn: PgConnection, need: OutOfDate, settings: Settings) -> int | None:
    """The first metrics, if they are many: the ones computed while those before them are written.

    :returns: rows; None where they are not the first, or few or too many for one transaction, or somebody
        reads the empty table.
    """
    if not LEAST_FILL <= need.cells <= MOST_FILL or not is_empty(conn, TARGET):
        return None
    try:
        with connect() as reader, filling(conn, TARGET, settings.build_work_mem):
            pieces = _all_packed(reader, need, _chunks(need, 1), settings.build_work_mem)
            return _copy_in(conn, ahead(pieces), is_filling=True)
    except psycopg.errors.LockNotAvailable:
        return None


def _all_packed(
    reader: PgConnection, need: OutOfDate, chunks: Sequence[tuple[int, int]], work_mem: str
) -> Iterator[Piece]:
    for begin, end in chunks:
        part = need.within(begin, end)
        with reader.transaction():
            set_work_mem(reader, work_mem)
            counts = _counts(reader, part, begin, end)
        yield from _packed(part, counts, begin, end - begin + 1)


def _replace(conn: PgConnection, need: OutOfDate, settings: Settings) -> int:
    def replace_chunk(own: PgConnection, chunk: tuple[int, int]) -> int:
        return _replace_chunk(own, need, *chunk, settings.build_work_mem)

    chunks = _chunks(need, settings.token_connections)
    return sum(side_by_side(conn, chunks, replace_chunk, settings.token_connections))


def _replace_chunk(conn: PgConnection, need: OutOfDate, begin: int, end: int, work_mem: str) -> int:
    """Replace the metrics of hours ``begin`` to ``end``; returns rows.

    Where one chunk ends and the next begins makes no difference to any row. It stays done when a run breaks
    off later.
    """
    has_more, need = end < need.end, need.within(begin, end)
    if not need.symbols:
        return 0
    with conn.transaction():
        set_work_mem(conn, work_mem)
        counts = _counts(conn, need, begin, end)
        conn.execute(_DELETE, {"begin": begin, "end": end})
        rows = _copy_in(conn, _packed(need, counts, begin, end - begin + 1))
        if has_more:
            conn.execute(_GO_ON_BEHIND, {"begin": begin, "end": end})
    return rows


def _counts(conn: PgConnection, need: OutOfDate, begin: int, end: int) -> Counts:
    """The known hours that the windows of the hours ``begin`` to ``end`` reach; part of a transaction."""
    conn.execute(_NEED, need.parameters())
    # Else a hash is made of all hours, and not of the few symbols.
    conn.execute("ANALYZE token_need")
    parameters = {"begin": begin, "end": end, "unknown": UNKNOWN_MOOD, "reach": REACH_HOURS - 1}
    # Hours come one by one: the result as a whole is three times as large as what is kept of it.
    return Counts.joined(
        [
            Counts.of_hour(_array(numbers) - 1, hour, _array(counts), _array(moods))
            for hour, numbers, counts, moods in conn.cursor().stream(_COUNTS, parameters, binary=True)
        ]
    )


def _array(sent: bytes) -> Ints:
    return np.frombuffer(sent, dtype=_ARRAY_ELEMENT, offset=_ARRAY_HEADER)["value"].astype(np.int64)


def _packed(need: OutOfDate, counts: Counts, first: int, hours: int) -> Iterator[Piece]:
    """Columns and rows, a piece at a time."""
    for begin in range(0, len(need.symbols), BLOCK_SYMBOLS):
        part = need.part(begin, begin + BLOCK_SYMBOLS)
        symbols, inside = Symbols.of(part.symbols), counts.of_symbols(begin, begin + BLOCK_SYMBOLS)
        for block in windows.blocks(inside, first, hours, len(part.symbols), BLOCK_HOURS):
            wanted = part.wanted(block.first, len(block.exists))
            yield packed.columns(block), packed.rows(block, wanted, symbols)


def _copy_in(conn: PgConnection, pieces: Iterator[Piece], is_filling: bool = False) -> int:
    """Returns the rows that came; every piece has the same columns."""
    columns, rows = next(pieces, ([], memoryview(b"")))
    if not columns:
        return 0
    options = sql.SQL("FORMAT binary, FREEZE" if is_filling else "FORMAT binary")
    copy_in = sql.SQL("COPY {} ({}) FROM STDIN ({})").format(
        sql.Identifier(*TARGET), sql.SQL(", ").join(map(sql.Identifier, columns)), options
    )
    with conn.cursor() as cursor:
        with cursor.copy(copy_in) as copy:
            copy.write(SIGNATURE)
            copy.write(rows)
            for _, rows in pieces:
                copy.write(rows)
            copy.write(TRAILER)
        return cursor.rowcount


def _finish(conn: PgConnection, newest: int, settings: Settings) -> None:
    final = newest - settings.token_final_hours * HOUR
    with conn.transaction():
        conn.execute("DELETE FROM token_metrics.stale_hours")
        for hour in _later_hours(conn, newest):
            conn.execute('DELETE FROM token_metrics.metric_hours WHERE "timestamp" = %s', [hour])
        conn.execute(_WRITE_PROGRESS, {"newest": newest, "final": final})


def _later_hours(conn: PgConnection, newest: int) -> range:
    """Hours with metrics beyond the newest one; found at the end of the index, however long the table is."""
    row = conn.execute('SELECT max("timestamp") FROM token_metrics.metric_hours').fetchone()
    last = row[0] if row and row[0] is not None else newest
    return range(newest + HOUR, last + 1, HOUR)
