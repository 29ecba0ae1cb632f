"""Comparing a build with the one in use, relation by relation, within limits of time and memory."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import psycopg

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import builds, diff_records, publications
from regendata.hooks.warehouse.side_by_side import side_by_side
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish import diff, diff_statements
from regendata.publish.diff import Column, Digest, Moved, Partition, RelationDiff, Scope
from regendata.publish.diff_statements import Comparison, Sides
from regendata.publish.plan import PlannedRelation
from regendata.settings import Settings


def compare_build(
    conn: PgConnection, build_id: int, project: Project, settings: Settings
) -> list[RelationDiff]:
    """Compare every relation that was built anew, several at a time, and keep what changed with the build.

    A comparison that takes too long gives a diff with a reason instead of figures; it stops no build.
    """
    against = publications.build_in_use(conn, project.system)
    published = builds.published_relations(conn, project.system)
    anew = {
        relation: item
        for relation, item in builds.planned(conn, build_id).items()
        if not item.carried_over and relation in project.models and not project.models[relation].is_view
    }
    # The largest first, so that none of them is left to one worker at the end.
    by_size = sorted(anew, key=lambda relation: _rows(conn, anew[relation].new_rows), reverse=True)

    def compare(own: PgConnection, relation: Relation) -> RelationDiff:
        before = published.get(relation)
        item = anew[relation]
        pair = _Pair(own, project.models[relation], before.place if before else None, item)
        found = _within_limits(pair, settings)
        diff_records.keep(own, build_id, against, found)
        return found

    compared = side_by_side(conn, by_size, compare, settings.diff_workers)
    found = dict(zip(by_size, compared, strict=True))
    return [found[relation] for relation in anew]


@dataclass(frozen=True)
class _Pair:
    """A relation as it was and as it is; ``old`` is None when it was never published."""

    conn: PgConnection
    model: ModelSpec
    old: Relation | None
    item: PlannedRelation

    @property
    def new(self) -> Relation:
        """All rows, or those that came on top of the old ones or stand in place of some."""
        return self.item.new_rows


def _within_limits(pair: _Pair, settings: Settings) -> RelationDiff:
    began = time.monotonic()
    try:
        with pair.conn.transaction():
            _limit(pair.conn, settings)
            found = _compare(pair)
    except psycopg.errors.QueryCanceled:
        reason = f"not compared: it would have taken more than {settings.diff_limit_s} s"
        found = RelationDiff(str(pair.model.relation), reason=reason)
    return replace(found, seconds=time.monotonic() - began)


def _limit(conn: PgConnection, settings: Settings) -> None:
    """For this transaction only."""
    for name, value in (
        ("statement_timeout", f"{settings.diff_limit_s}s"),
        ("work_mem", settings.diff_work_mem),
        ("max_parallel_workers_per_gather", "0"),
        # The planner cannot know how few buckets there are, and would sort whole rows.
        ("enable_sort", "off"),
        ("jit", "off"),
    ):
        conn.execute("SELECT set_config(%s, %s, true)", [name, value])


def _compare(pair: _Pair) -> RelationDiff:
    conn, name = pair.conn, str(pair.model.relation)
    columns = columns_of(conn, pair.new)
    rows = _rows(conn, pair.new)
    if pair.old is not None and pair.item.new_rows != pair.item.place:
        return _compare_new_rows(pair, pair.old, columns, rows)
    if pair.old is None:
        if rows > diff.SMALL:
            _own_digest(conn, pair.model, pair.new, columns, diff.buckets_for(rows))
        return RelationDiff(name, moved=Moved(added=rows), reason="never published before")
    shape = diff.compare_shapes(columns_of(conn, pair.old), columns)
    compared = diff_statements.comparison(
        pair.old, pair.new, shape, columns, pair.model.unique_key, pair.model.amount
    )
    buckets = diff.buckets_for(rows)
    scope = Scope()
    if max(rows, _rows(conn, pair.old)) > diff.SMALL:
        scope = diff.scope_of(*_digests(pair, compared, columns, buckets))
    if not shape.shared or scope.is_empty:
        return diff.summed(name, shape, [])
    return diff.summed(name, shape, _partitions(conn, compared, buckets, scope))


def _compare_new_rows(pair: _Pair, old: Relation, columns: Sequence[Column], rows: int) -> RelationDiff:
    """What came is the difference, or what came and the rows of its keys; no other row need be read."""
    model, shape = pair.model, diff.compare_shapes(columns, columns)
    compared = diff_statements.comparison(old, pair.new, shape, columns, model.unique_key, model.amount)
    sides: Sides = "replaced" if pair.item.merged else "added"
    if sides == "added":
        _keep_grown_digest(pair, old, columns)
    # Samples come from one bucket, as a row of every bucket would be a row of many.
    scope = Scope(sampled=[0] if rows > diff.SMALL else None)
    found = _partitions(pair.conn, replace(compared, sides=sides), diff.buckets_for(rows), scope)
    return diff.summed(str(model.relation), shape, found)


def _digests(
    pair: _Pair, compared: Comparison, columns: Sequence[Column], buckets: int
) -> tuple[Digest, Digest]:
    """Digests of the old and the new relation over the same columns."""
    conn, old = pair.conn, compared.old
    new = _own_digest(conn, pair.model, pair.new, columns, buckets)
    known = _known_digest(conn, old, _shape_text(columns, pair.model.unique_key, buckets))
    if known:
        return known, new
    kept = [(name, compared.types[name]) for name in compared.columns]
    if kept != list(columns):
        new = _read_digest(conn, pair.new, kept, compared.key, buckets)
    before = [(was, compared.types[name]) for was, name in compared.shape.shared]
    return _read_digest(conn, old, before, compared.key, buckets), new


def _keep_grown_digest(pair: _Pair, old: Relation, columns: Sequence[Column]) -> None:
    """The kept digest of the old rows and that of the new ones make that of all; nobody reads them again."""
    key, place = pair.model.unique_key, pair.item.place
    buckets = diff.buckets_for(_rows(pair.conn, place))
    known = _known_digest(pair.conn, old, _shape_text(columns, key, buckets))
    if known:
        added = _read_digest(pair.conn, pair.new, columns, key, buckets)
        _keep_digest(pair.conn, place, _shape_text(columns, key, buckets), known.plus(added))


def _own_digest(
    conn: PgConnection, model: ModelSpec, place: Relation, columns: Sequence[Column], buckets: int
) -> Digest:
    """Read the digest over all columns and keep it for the next build."""
    found = _read_digest(conn, place, columns, model.unique_key, buckets)
    _keep_digest(conn, place, _shape_text(columns, model.unique_key, buckets), found)
    return found


def _keep_digest(conn: PgConnection, place: Relation, shape: str, digest: Digest) -> None:
    conn.execute(
        "INSERT INTO meta.relation_digest (physical, shape, row_counts, row_hashes) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (physical) DO UPDATE SET shape = excluded.shape, row_counts = excluded.row_counts, "
        "row_hashes = excluded.row_hashes",
        [str(place), shape, digest.rows.tobytes(), digest.hashes.tobytes()],
    )


def _read_digest(
    conn: PgConnection, place: Relation, columns: Sequence[Column], key: Sequence[str], buckets: int
) -> Digest:
    return Digest.of(buckets, conn.execute(diff_statements.digest(place, columns, key, buckets)).fetchall())


def _known_digest(conn: PgConnection, place: Relation, shape: str) -> Digest | None:
    row = conn.execute(
        "SELECT row_counts, row_hashes FROM meta.relation_digest WHERE physical = %s AND shape = %s",
        [str(place), shape],
    ).fetchone()
    return Digest.from_bytes(*row) if row else None


def _shape_text(columns: Sequence[Column], key: Sequence[str], buckets: int) -> str:
    """Digests can be compared when this is the same."""
    return json.dumps([list(columns), list(key), buckets])


def _partitions(conn: PgConnection, pair: Comparison, buckets: int, scope: Scope) -> list[Partition]:
    statement = diff_statements.by_key if pair.key else diff_statements.by_content
    names = diff_statements.compared_columns(pair) if pair.key else []
    split = len(pair.partitions)
    found = []
    for row in conn.execute(statement(pair, buckets, scope)).fetchall():
        key = dict(zip(pair.partitions, row[:split], strict=True))
        added, removed, changed, amount, samples, *counts = row[split:]
        moved = Moved(added, removed, changed, amount if pair.amount else None)
        found.append(Partition(key, moved, dict(zip(names, counts, strict=True)), samples))
    return found


def columns_of(conn: PgConnection, place: Relation) -> list[Column]:
    """Columns and types of a relation in order."""
    return conn.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [str(place)],
    ).fetchall()


def _rows(conn: PgConnection, place: Relation) -> int:
    """As they were counted when the relation was made, or as ANALYZE counted or estimated them."""
    row = conn.execute(
        "SELECT coalesce((SELECT row_count FROM meta.build_relation WHERE physical = %(place)s "
        "AND NOT carried_over), greatest(reltuples, 0)::bigint) "
        "FROM pg_class WHERE oid = %(place)s::text::regclass",
        {"place": str(place)},
    ).fetchone()
    return int(row[0]) if row else 0
