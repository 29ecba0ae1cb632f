"""Metrics of symbols whose counts changed, over as many hours as a change reaches."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from regendata import paths
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import schema
from regendata.models.files import read
from regendata.models.relation import Relation
from regendata.settings import Settings
from regendata.sources.token_metrics.hours import HOUR, REACH_HOURS

TARGET = Relation("token_metrics", "metric_hours")
#: Hours computed by one statement: what bounds its memory. Each reads 15 days more.
CHUNK_HOURS = 7 * 24

# A new hour moves the windows of every symbol that has any, whether it was seen in that hour or not.
_OUT_OF_DATE = """
CREATE TEMP TABLE token_out_of_date ON COMMIT PRESERVE ROWS AS
SELECT row_number() OVER (ORDER BY symbol)::integer AS no, symbol,
  min(first_hour) AS first_hour, max(last_hour) AS last_hour
FROM (
  SELECT symbol, first_hour, least(last_hour + %(reach)s, %(newest)s) AS last_hour
  FROM token_metrics.stale_symbols
  UNION ALL
  SELECT metric.symbol, %(computed)s + 3600, %(newest)s
  FROM token_metrics.metric_hours AS metric
  WHERE metric."timestamp" = %(computed)s AND %(newest)s > %(computed)s
) AS either
GROUP BY symbol
"""
_NEED = """
CREATE TEMP TABLE token_need ON COMMIT DROP AS
SELECT no, symbol, greatest(first_hour, %(first)s) / 3600 AS from_hour,
  least(last_hour, %(last)s) / 3600 AS until_hour
FROM token_out_of_date WHERE first_hour <= %(last)s AND last_hour >= %(first)s
"""
_DELETE = """
DELETE FROM token_metrics.metric_hours AS metric USING token_need AS need
WHERE metric.symbol = need.symbol
  AND metric."timestamp" BETWEEN need.from_hour * 3600 AND need.until_hour * 3600
  AND metric."timestamp" BETWEEN %(first)s AND %(last)s
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


def compute(conn: PgConnection, settings: Settings) -> Computed:
    """Bring the metrics up to the counts.

    Every row is a function of counts and of the newest hour alone, so it does not matter in which order hours
    came, nor whether an earlier run was killed on its way.
    """
    newest, computed = _newest(conn)
    if newest is None:
        return Computed(0, 0, None)
    conn.execute("DROP TABLE IF EXISTS pg_temp.token_out_of_date")
    conn.execute(
        _OUT_OF_DATE, {"reach": (REACH_HOURS - 1) * HOUR, "newest": newest, "computed": computed or newest}
    )
    symbols, first, last = _out_of_date(conn)
    rows = 0
    if symbols:
        for begin in range(first, last + HOUR, CHUNK_HOURS * HOUR):
            rows += _compute_chunk(conn, begin, min(begin + (CHUNK_HOURS - 1) * HOUR, last), settings)
    _finish(conn, newest, settings)
    return Computed(symbols, rows, newest)


def _newest(conn: PgConnection) -> tuple[int | None, int | None]:
    """The newest hour of any symbol, and the one metrics are computed up to."""
    row = conn.execute(
        'SELECT (SELECT max("timestamp") FROM token_metrics.symbol_hours), '
        "(SELECT newest_hour FROM token_metrics.progress)"
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _out_of_date(conn: PgConnection) -> tuple[int, int, int]:
    """How many symbols, and the first and last hour of all."""
    row = conn.execute(
        "SELECT count(*), coalesce(min(first_hour), 0), coalesce(max(last_hour), 0) FROM token_out_of_date"
    ).fetchone()
    return row or (0, 0, 0)


def _compute_chunk(conn: PgConnection, first: int, last: int, settings: Settings) -> int:
    """:param first, last: hours, in seconds since 1970, both included."""
    bounds = {"first": first, "last": last}
    step = read(paths.STEPS / TARGET.schema / f"{TARGET.name}.sql", ("description",))
    with conn.transaction():
        _tune(conn, settings)
        conn.execute(_NEED, bounds)
        conn.execute("ANALYZE token_need")
        conn.execute(_DELETE, bounds)
        # The step is a file of this repository.
        insert = sql.SQL("INSERT INTO {table} ({columns}) SELECT {columns} FROM ({step}) AS computed").format(
            table=sql.Identifier(*TARGET), columns=_columns(conn), step=sql.SQL(step.body)
        )
        return conn.execute(insert).rowcount


def _columns(conn: PgConnection) -> sql.Composed:
    names = schema.columns(conn, [TARGET])[TARGET]
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _finish(conn: PgConnection, newest: int, settings: Settings) -> None:
    final = newest - settings.token_final_hours * HOUR
    with conn.transaction():
        conn.execute("DELETE FROM token_metrics.stale_symbols")
        conn.execute('DELETE FROM token_metrics.metric_hours WHERE "timestamp" > %s', [newest])
        conn.execute(_WRITE_PROGRESS, {"newest": newest, "final": final})
    conn.execute("DROP TABLE pg_temp.token_out_of_date")


def _tune(conn: PgConnection, settings: Settings) -> None:
    for name, value in (
        ("work_mem", settings.build_work_mem),
        ("max_parallel_workers_per_gather", str(settings.build_parallel_workers)),
    ):
        conn.execute("SELECT set_config(%s, %s, true)", [name, value])
