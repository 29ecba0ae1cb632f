"""Comparing a build with the one in use, relation by relation, within limits of time and memory."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import psycopg

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import builds, diff_records, digests, publications
from regendata.hooks.warehouse.digests import Bucketing
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
            found = _compare(pair, settings)
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


def _compare(pair: _Pair, settings: Settings) -> RelationDiff:
    conn, model, name = pair.conn, pair.model, str(pair.model.relation)
    columns = columns_of(conn, pair.new)
    rows = _rows(conn, pair.new)
    if pair.old is not None and pair.item.new_rows != pair.item.place:
        return _compare_new_rows(pair, pair.old, columns, rows)
    what = digests.bucketing(conn, pair.new, pair.old, columns, model.unique_key, rows)
    if pair.old is None:
        if rows > diff.SMALL:
            digests.read_and_keep(conn, pair.new, what)
        return RelationDiff(name, moved=Moved(added=rows), reason="never published before")
    shape = diff.compare_shapes(columns_of(conn, pair.old), columns)
    compared = diff_statements.comparison(
        pair.old, pair.new, shape, columns, model.unique_key, model.amount, what.functions, what.by
    )
    scope = Scope()
    if max(rows, _rows(conn, pair.old)) > diff.SMALL:
        scope = diff.scope_of(*_digests(conn, compared, what), settings.diff_rows)
    if not shape.shared or scope.is_empty:
        return diff.summed(name, shape, [])
    found = _partitions(conn, compared, what.buckets, scope)
    return diff.summed(name, shape, found, scope.share)


def _compare_new_rows(pair: _Pair, old: Relation, columns: Sequence[Column], rows: int) -> RelationDiff:
    """What came is the difference, or what came and the rows of its keys; no other row need be read."""
    conn, model, place = pair.conn, pair.model, pair.item.place
    what = digests.bucketing(conn, pair.new, old, columns, model.unique_key, _rows(conn, place))
    shape = diff.compare_shapes(columns, columns)
    compared = diff_statements.comparison(
        old, pair.new, shape, columns, model.unique_key, model.amount, what.functions, what.by
    )
    sides: Sides = "replaced" if pair.item.merged else "added"
    if sides == "added":
        digests.keep_grown(conn, place, old, pair.new, what)
    # Samples come from one bucket, as a row of every bucket would be a row of many.
    scope = Scope(sampled=[0] if rows > diff.SMALL else None)
    found = _partitions(conn, replace(compared, sides=sides), diff.buckets_for(rows), scope)
    return diff.summed(str(model.relation), shape, found)


def _digests(conn: PgConnection, compared: Comparison, what: Bucketing) -> tuple[Digest, Digest]:
    """Digests of the old and the new relation over the same columns."""
    new = digests.read_and_keep(conn, compared.new, what)
    known = digests.known(conn, compared.old, what)
    if known:
        return known, new
    kept = tuple((name, compared.types[name]) for name in compared.columns)
    shared = replace(what, columns=kept, by=compared.bucketed_by)
    if shared != what:
        new = digests.read(conn, compared.new, shared)
    before = tuple((was, compared.types[name]) for was, name in compared.shape.shared)
    return digests.read(conn, compared.old, replace(shared, columns=before)), new


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
