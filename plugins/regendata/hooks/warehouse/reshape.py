"""Facades that lose or retype a column, with everything that people built on them.

Postgres refuses such a change on a view that stands, so the facade is made anew. What reads it is

* replaced in place, if it is a view that comes out with the same columns: OID and all about it stay;
* made anew, if it is a materialized view, or a view that comes out with other types. Owner, privileges,
  comments, options, indexes, rules, triggers and definition are those it had. A materialized view is filled
  once more, as it would be by REFRESH, unless it was empty.

Before anybody has to wait, all of it is made in schemas of its own (`stage`), which proves that it compiles
and fills materialized views. Under the lock it only changes places (`Stage.swap`), and what was replaced is
dropped one by one. What cannot come along stops the publish by its name: what reads a column that goes, what
belongs to somebody for whom the engine cannot act, and what is no view, such as a function.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from regendata.exceptions import FacadeConflict, PublishBlocked
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import dependents
from regendata.models.relation import Relation
from regendata.publish.dependents import (
    Captured,
    create,
    drop,
    furnish,
    move,
    own,
    redirected,
    regrant,
    replace,
)
from regendata.publish.facade import Facade

_NEXT, _PAST = "regendata_next_", "regendata_past_"
_UNFIT = (
    psycopg.ProgrammingError,
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.NotSupportedError,
)


@dataclass
class Stage:
    """What was made beside the facades: what takes their places, and views to be replaced in place.

    :param schemas: schemas of which a staging one is open.
    """

    conn: PgConnection
    facades: dict[Relation, Facade]
    before: list[Captured]
    made: list[Captured] = field(default_factory=list)
    in_place: list[Captured] = field(default_factory=list)
    schemas: set[str] = field(default_factory=set)

    @property
    def locked(self) -> list[Relation]:
        """What changes and is no facade: readers of others first, the way queries take their locks."""
        changing = {one.oid for one in (*self.made, *self.in_place)}
        return [
            one.relation
            for one in reversed(self.before)
            if one.oid in changing and one.relation not in self.facades
        ]

    def lock(self, wait_ms: int) -> None:
        """Lock all that changes and is no facade, within this time together.

        LOCK TABLE takes no materialized view, and would ask the owner of a view for more rights than to read.
        """
        end = time.monotonic() + wait_ms / 1000
        known = {one.relation: one for one in self.before}
        for relation in self.locked:
            left = max(1, round((end - time.monotonic()) * 1000))
            self.conn.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(left)))
            self.as_owner(known[relation], own(known[relation], relation.schema))

    def swap(self) -> None:
        """Let all of it take its place; the caller holds the locks on the facades.

        :raises PublishBlocked: somebody changed what stands on the facades meanwhile; trying again helps.
        :raises FacadeConflict: naming whose rule or trigger does not fit the new columns.
        """
        if dependents.capture(self.conn, self.facades) != self.before:
            names = ", ".join(map(str, self.facades))
            raise PublishBlocked(f"somebody changed what reads {names} during the publish; try again")
        for one in reversed(self.made):
            self.as_owner(one, move(one, one.relation.schema, _PAST + one.relation.schema))
        for one in self.made:
            self.as_owner(one, move(one, _NEXT + one.relation.schema, one.relation.schema))
        for one in self.in_place:
            self.as_owner(one, replace(one))
        for one in reversed(self.made):
            self.as_owner(one, drop(one, _PAST + one.relation.schema), *map(sql.SQL, one.extras))
        for name in sorted(prefix + schema for schema in self.schemas for prefix in (_NEXT, _PAST)):
            self.conn.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(name)))

    def as_owner(self, one: Captured, *statements: sql.Composed | sql.SQL) -> None:
        """Run statements about one relation; the engine itself acts for facades, whoever owns them."""
        acting = None if one.relation in self.facades else one.owner
        with _named(one), _acting(self.conn, acting):
            for statement in statements:
                self.conn.execute(statement)

    def open_for(self, one: Captured) -> str:
        """The staging schema of a relation's schema, where its owner may make things."""
        schema = one.relation.schema
        for prefix in (_NEXT, _PAST) if schema not in self.schemas else ():
            self.conn.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(prefix + schema)))
        self.schemas.add(schema)
        names = [prefix + known for known in sorted(self.schemas) for prefix in (_NEXT, _PAST)]
        self.conn.execute(
            sql.SQL("GRANT USAGE, CREATE ON SCHEMA {} TO {}").format(
                sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(one.owner)
            )
        )
        return _NEXT + schema


def stage(conn: PgConnection, facades: Sequence[Facade]) -> Stage:
    """Make new facades and what has to be made anew with them, inside the caller's transaction.

    :raises FacadeConflict: naming everything that cannot come along.
    """
    by_name = {facade.name: facade for facade in facades}
    staged = Stage(conn, by_name, dependents.capture(conn, by_name))
    _refuse_losses(staged)
    for one in staged.before:
        if one.relation in by_name:
            _make_facade(staged, one)
        elif one.reads & {made.oid for made in staged.made}:
            _make_dependent(staged, one)
    _refuse_holders(staged)
    return staged


def _refuse_losses(staged: Stage) -> None:
    """Postgres would say so as well, but of one column and one reader only."""
    lost = [
        f"{facade.name} would lose column {column}, which {reader} reads"
        for one in staged.before
        if (facade := staged.facades.get(one.relation))
        for column in facade.gone
        for reader in staged.before
        if (one.oid, column) in reader.uses
    ]
    if lost:
        raise FacadeConflict("; ".join(lost) + ". Keep the column, or let the owner change that first")


def _refuse_holders(staged: Stage) -> None:
    names = {one.oid: one.relation for one in staged.made}
    held = [
        f"{what} holds on to {names[oid]}"
        for oid, found in dependents.holders(staged.conn, names).items()
        for what in found
    ]
    if held:
        raise FacadeConflict("; ".join(held) + ", which has to be made anew; let the owner drop it first")


def _make_facade(staged: Stage, one: Captured) -> None:
    schema = staged.open_for(one)
    facade = staged.facades[one.relation]
    staged.as_owner(one, *facade.access(), facade.statement(schema), own(one, schema))
    _furnish(staged, one, schema)
    staged.made.append(one)


def _make_dependent(staged: Stage, one: Captured) -> None:
    _refuse_owner(one)
    schema = staged.open_for(one)
    with _named(one):
        moves = {made.relation: _NEXT + made.relation.schema for made in staged.made}
        definition = redirected(one.definition, moves)
    staged.as_owner(one, create(one, schema, definition))
    _, shape = dependents.shape(staged.conn, Relation(schema, one.relation.name))
    if one.kind == "v" and shape == one.shape:
        staged.as_owner(one, drop(one, schema))
        staged.in_place.append(one)
    else:
        _furnish(staged, one, schema)
        staged.made.append(one)


def _refuse_owner(one: Captured) -> None:
    if not one.settable:
        raise FacadeConflict(
            f"{one} reads a view that changes its columns and belongs to a role the publish cannot act for; "
            f"GRANT {one.owner} TO the publishing role, or let {one.owner} drop it first"
        )


def _furnish(staged: Stage, one: Captured, schema: str) -> None:
    oid, shape = dependents.shape(staged.conn, Relation(schema, one.relation.name))
    columns = [column.column for column in shape]
    granted = dependents.grants(staged.conn, [oid])[oid]
    staged.as_owner(one, *furnish(one, schema, columns), *regrant(one, schema, granted, columns))


@contextmanager
def _acting(conn: PgConnection, role: str | None) -> Iterator[None]:
    """As another role. After an error the transaction ends, and the role with it."""
    if role is not None:
        conn.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
    yield
    if role is not None:
        conn.execute("SET LOCAL ROLE NONE")


@contextmanager
def _named(one: Captured) -> Iterator[None]:
    """Postgres says what is wrong, but not with whose object."""
    try:
        yield
    except FacadeConflict as error:
        raise FacadeConflict(f"{one} cannot come along: {error}") from error
    except _UNFIT as error:
        raise FacadeConflict(
            f"{one} does not survive the new columns: {str(error).splitlines()[0]}. "
            "Change the model, or let the owner change that first"
        ) from error
