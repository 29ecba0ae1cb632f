"""Digests of relations: read from their rows, and kept with them for the next build."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation
from regendata.publish import row_hashes
from regendata.publish.diff import Column, Digest, buckets_for
from regendata.publish.row_hashes import HashFunctions

#: A column that puts rows in buckets has a value for one bucket in so many at least.
FEWEST_SHARE = 4
#: (bucket, rows, hash) of buckets that hold rows.
Counted = list[tuple[int, int, int]]

_MOST_VALUES = """
SELECT attname FROM (
  SELECT s.attname, (1 - s.null_frac)
    * CASE WHEN s.n_distinct < 0 THEN -s.n_distinct * c.reltuples ELSE s.n_distinct END AS value_count
  FROM pg_catalog.pg_stats AS s
  INNER JOIN pg_catalog.pg_class AS c ON c.oid = %s::regclass AND c.relname = s.tablename
  WHERE s.schemaname = %s
) AS counted
WHERE value_count >= %s ORDER BY value_count DESC, attname LIMIT 1
"""


@dataclass(frozen=True)
class Bucketing:
    """What a digest is made of; two can be compared when this is the same.

    :param by: columns whose hash puts a row in its bucket; empty for all.
    """

    columns: tuple[Column, ...]
    functions: HashFunctions
    by: tuple[str, ...]
    buckets: int

    @property
    def text(self) -> str:
        """As it is kept with a digest."""
        hashed = [(*column, row_hashes.function_of(column[1], self.functions)) for column in self.columns]
        return json.dumps({"columns": hashed, "by": self.by, "buckets": self.buckets})


def bucketing(
    conn: PgConnection,
    place: Relation,
    old: Relation | None,
    columns: Sequence[Column],
    unique_key: Sequence[str],
    rows: int,
) -> Bucketing:
    """By the key; without one by the column with most values, whose hash costs less than that of all.

    By all, where no column has values enough to keep the rows of a bucket few. What the kept digest of the
    old rows went by is taken again, while the column is there.

    :param place: where rows of the relation stand, with statistics.
    """
    by: tuple[str, ...] | None = tuple(unique_key)
    buckets = buckets_for(rows)
    if not by:
        by = _kept_by(conn, old) if old is not None else None
        if by is None or not set(by) <= {name for name, _ in columns}:
            by = _most_values(conn, place, buckets // FEWEST_SHARE)
    return Bucketing(tuple(columns), hash_functions(conn), by, buckets)


def hash_functions(conn: PgConnection) -> HashFunctions:
    """What this server hashes values with, per type."""
    return dict(conn.execute(row_hashes.FUNCTIONS).fetchall())


def read(conn: PgConnection, place: Relation, what: Bucketing) -> Digest:
    """From all rows."""
    return Digest.of(what.buckets, _counted(conn, place, what))


def read_and_keep(conn: PgConnection, place: Relation, what: Bucketing) -> Digest:
    """From all rows, for this comparison and that of the next build."""
    found = read(conn, place, what)
    _keep(conn, place, what, found)
    return found


def known(conn: PgConnection, place: Relation, what: Bucketing) -> Digest | None:
    """The kept one, if it is of this kind."""
    row = conn.execute(
        "SELECT row_counts, row_hashes FROM meta.relation_digest WHERE physical = %s AND shape = %s",
        [str(place), what.text],
    ).fetchone()
    return Digest.from_bytes(*row) if row else None


def keep_grown(conn: PgConnection, place: Relation, old: Relation, came: Relation, what: Bucketing) -> None:
    """The kept digest of the old rows and that of the new ones make that of all; nobody reads them again."""
    before = known(conn, old, what)
    if before:
        _keep(conn, place, what, before.plus(_counted(conn, came, what)))


def _counted(conn: PgConnection, place: Relation, what: Bucketing) -> Counted:
    query = row_hashes.digest(place, what.columns, what.functions, what.by, what.buckets)
    return conn.execute(query).fetchall()


def _keep(conn: PgConnection, place: Relation, what: Bucketing, digest: Digest) -> None:
    conn.execute(
        "INSERT INTO meta.relation_digest (physical, shape, row_counts, row_hashes) VALUES (%s, %s, %b, %b) "
        "ON CONFLICT (physical) DO UPDATE SET shape = excluded.shape, row_counts = excluded.row_counts, "
        "row_hashes = excluded.row_hashes",
        [str(place), what.text, digest.rows.tobytes(), digest.hashes.tobytes()],
    )


def _kept_by(conn: PgConnection, place: Relation) -> tuple[str, ...] | None:
    """None where nothing is kept, or by an earlier version."""
    row = conn.execute("SELECT shape FROM meta.relation_digest WHERE physical = %s", [str(place)]).fetchone()
    kept = json.loads(row[0]) if row else None
    return tuple(kept["by"]) if isinstance(kept, dict) else None


def _most_values(conn: PgConnection, place: Relation, fewest: int) -> tuple[str, ...]:
    """By the statistics of ANALYZE, which counts as a share of the rows what grows with them.

    :param fewest: values that a column must have.
    """
    row = conn.execute(_MOST_VALUES, [str(place), place.schema, fewest]).fetchone()
    return (row[0],) if row else ()
