"""Extending a published relation by new rows, and finding one that was built anew to be the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import approvals, build_records, builds, parts, publications
from regendata.hooks.warehouse.build_records import Made
from regendata.hooks.warehouse.diffs import columns_of
from regendata.hooks.warehouse.digests import hash_functions
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish import growth, row_hashes, statements
from regendata.publish.growth import Inputs, Way, choose_way
from regendata.publish.plan import Built, PlannedRelation

#: Relations that take more room are not compared with what is published: building readers costs less.
COMPARED_BYTES = 128 * 1024**2


@dataclass(frozen=True)
class Step:
    """One relation of an open build on its way: what is published of it, and what it reads.

    :param asked_whole: whether the build was asked to make every relation anew.
    """

    model: ModelSpec
    plan: Mapping[Relation, PlannedRelation]
    published: Built | None
    inputs: Inputs
    asked_whole: bool

    @property
    def item(self) -> PlannedRelation:
        return self.plan[self.model.relation]

    @property
    def places(self) -> dict[Relation, Relation]:
        """Where each model of the build stands."""
        return {relation: item.place for relation, item in self.plan.items()}

    def way(self, increments: int) -> Way:
        """Which way the relation is to go.

        :param increments: how many times in a row it may be extended.
        """
        if self.asked_whole or not increments:
            return Way("rebuilt", "asked for")
        return choose_way(self.model, self.published, self.inputs, increments)


def step_of(conn: PgConnection, build_id: int, model: ModelSpec) -> Step:
    """What is known when a relation is about to be built; those it reads stand already."""
    system = approvals.read_state(conn, build_id).system
    in_use = publications.build_in_use(conn, system)
    plan = builds.planned(conn, build_id)
    before = build_records.read_inputs(conn, in_use) if in_use is not None else {}
    inputs = Inputs(before, build_records.read_inputs(conn, build_id), plan.keys())
    published = builds.published_relations(conn, system).get(model.relation)
    return Step(model, plan, published, inputs, build_records.is_whole(conn, build_id))


def extend(conn: PgConnection, step: Step, way: Way) -> Made | None:
    """Make the new rows, and a view of them with the published ones; part of a transaction.

    :returns: None when one of the new rows has to do with an old one.
    """
    model, published = step.model, step.published
    if published is None or model.growth is None:
        return None
    part, held = parts.part_of(step.item.place), step.inputs.before[model.growth.source]
    columns = columns_of(conn, published.place)
    try:
        with conn.transaction() as attempt:
            select = growth.new_rows_of(model, way.added, step.places)
            if model.growth.merge:
                select = growth.merged_rows(model, select, published, columns).as_string(conn)
            rows = conn.execute(statements.create_filled(part, select)).rowcount
            for statement in statements.create_indexes(model, part):
                conn.execute(statement)
            # Known to be few, they are looked up in the old ones' index; else all old keys would be read.
            builds.analyze(conn, part)
            touches = growth.touches(model, part, published, held.parts, way.added)
            if conn.execute(touches).fetchone() != (False,):
                raise psycopg.Rollback(attempt)
            show = _show_merged if model.growth.merge else _show_added
            return show(conn, step, way, published, part, rows)
    except psycopg.errors.UniqueViolation:
        # Built as a whole the key fails as well, and there the message tells which.
        return None
    return None


def _show_added(
    conn: PgConnection, step: Step, way: Way, published: Built, part: Relation, rows: int
) -> Made:
    """The view of all parts."""
    held = (*published.parts, part)
    names = [name for name, _ in columns_of(conn, part)]
    conn.execute(statements.create_union(step.item.place, held, names))
    return Made(step.model.relation, held, rows + _rows(conn, published), way)


def _show_merged(
    conn: PgConnection, step: Step, way: Way, published: Built, part: Relation, rows: int
) -> Made:
    """The view of the first part with the rows that stand in place of its own."""
    model, base = step.model, published.parts[0]
    names = [name for name, _ in columns_of(conn, part)]
    conn.execute(statements.create_replaced(step.item.place, base, part, model.unique_key, names))
    replaced = statements.replaced_rows(base, part, model.unique_key)
    row = conn.execute(sql.SQL("SELECT count(*) FROM {} AS replaced").format(replaced)).fetchone()
    total = build_records.rows_of(conn, base) + rows - (int(row[0]) if row else 0)
    return Made(model.relation, (base, part), total, way)


def _rows(conn: PgConnection, published: Built) -> int:
    return build_records.rows_of(conn, published.place)


def same_as_published(conn: PgConnection, step: Step, rows: int) -> bool:
    """Whether what was just built holds the rows that are published, where that is cheap to tell."""
    published, place = step.published, step.item.place
    if (
        published is None
        or step.asked_whole
        or step.model.is_view
        or not step.inputs.same_model(step.model, published)
    ):
        return False
    if _rows(conn, published) != rows:
        return False
    if max(parts.size(conn, (place,)), parts.size(conn, published.parts)) > COMPARED_BYTES:
        return False
    shape = columns_of(conn, place)
    if shape != columns_of(conn, published.place):
        return False
    functions = hash_functions(conn)
    digests = [row_hashes.digest(one, shape, functions) for one in (place, published.place)]
    new, old = (conn.execute(digest).fetchall() for digest in digests)
    return new == old
