"""Views and materialized views as somebody made them, and the statements that make them once more.

Postgres cannot drop or retype a column of a view that stands. A facade whose columns change that way is made
anew, and with it what reads it. Each of them is first made in a staging schema under its own name, so that
the server prints the same definition once it is moved to where the old one stood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlglot
from psycopg import sql
from sqlglot import exp
from sqlglot.errors import SqlglotError

from regendata.exceptions import FacadeConflict
from regendata.models.lineage import folded
from regendata.models.relation import Relation
from regendata.publish.facade import with_options

_KINDS = {"v": "VIEW", "m": "MATERIALIZED VIEW"}


class Grant(NamedTuple):
    """One privilege. ``column`` is None for the whole relation, ``grantee`` None for everybody."""

    column: str | None
    grantee: str | None
    privilege: str
    grantable: bool


class Index(NamedTuple):
    """An index of a materialized view; ``tail`` is its definition from the access method on."""

    name: str
    unique: bool
    tail: str
    comment: str | None


class Shape(NamedTuple):
    """One column: name, and type, type modifier and collation as the catalog counts them."""

    column: str
    type_oid: int
    modifier: int
    collation: int


@dataclass(frozen=True)
class Captured:
    """A view or materialized view: what CREATE needs, and what a new one would lack.

    :param kind: ``v`` or ``m``.
    :param definition: the SELECT, every name with its schema.
    :param options: as the catalog keeps them, such as ``security_barrier=true``.
    :param reads: OIDs of captured relations it reads directly.
    :param uses: columns of those: (OID, column).
    :param extras: rules, triggers and column defaults, as statements that name the relation.
    :param settable: whether the engine can act as the owner.
    """

    oid: int
    relation: Relation
    kind: str
    owner: str
    definition: str
    populated: bool
    options: tuple[str, ...]
    reads: frozenset[int]
    uses: frozenset[tuple[int, str]]
    shape: tuple[Shape, ...]
    grants: frozenset[Grant]
    comments: tuple[tuple[str | None, str], ...]
    indexes: tuple[Index, ...]
    extras: tuple[str, ...]
    settable: bool

    def __str__(self) -> str:
        return f"{self.word.lower()} {self.relation} (owner {self.owner})"

    @property
    def word(self) -> str:
        return _KINDS[self.kind]


def redirected(definition: str, moves: Mapping[Relation, str]) -> str:
    """The SELECT reading some relations from another schema, where they have the same name.

    Only schema names change, so columns qualified with the bare table name stay right.

    :param moves: relation -> schema.
    :raises FacadeConflict: the text cannot be read.
    """
    try:
        tree = sqlglot.parse_one(definition, dialect="postgres")
    except SqlglotError as error:
        raise FacadeConflict(f"its definition cannot be read: {str(error).splitlines()[0]}") from error
    places = [
        (table.args["db"].meta["start"], table.args["db"].meta["end"] + 1, moves[relation])
        for table in tree.find_all(exp.Table)
        if (relation := _named(table)) is not None and relation in moves
    ]
    for start, end, schema in sorted(places, reverse=True):
        definition = f'{definition[:start]}"{schema}"{definition[end:]}'
    return definition


def _named(table: exp.Table) -> Relation | None:
    schema = table.args.get("db")
    if schema is None or not isinstance(table.this, exp.Identifier):
        return None
    return Relation(folded(schema), folded(table.this))


def create(one: Captured, schema: str, definition: str) -> sql.Composed:
    """Make it in a schema, with the SELECT given."""
    return _make("CREATE", one, schema, definition)


def replace(one: Captured) -> sql.Composed:
    """The same view once more, bound to what now has the names it reads; keeps its OID and all about it."""
    return _make("CREATE OR REPLACE", one, one.relation.schema, one.definition)


def _make(verb: str, one: Captured, schema: str, definition: str) -> sql.Composed:
    # The definition is what the server itself printed.
    return sql.SQL("{} {} {}{} AS\n{}{}").format(
        sql.SQL(verb),
        sql.SQL(one.word),
        _at(one, schema),
        with_options(one.options),
        sql.SQL(definition),
        sql.SQL(" WITH NO DATA" if one.kind == "m" and not one.populated else ""),
    )


def move(one: Captured, start: str, end: str) -> sql.Composed:
    """From one schema to another, indexes included."""
    return sql.SQL("ALTER {} {} SET SCHEMA {}").format(
        sql.SQL(one.word), _at(one, start), sql.Identifier(end)
    )


def drop(one: Captured, schema: str) -> sql.Composed:
    return sql.SQL("DROP {} {}").format(sql.SQL(one.word), _at(one, schema))


def own(one: Captured, schema: str) -> sql.Composed:
    return sql.SQL("ALTER {} {} OWNER TO {}").format(
        sql.SQL(one.word), _at(one, schema), sql.Identifier(one.owner)
    )


def furnish(one: Captured, schema: str, columns: Sequence[str]) -> Iterator[sql.Composed]:
    """Indexes and comments of what was made in a schema; ``columns`` are those it has now."""
    for index in one.indexes:
        yield from _index(index, one, schema)
    for column, text in one.comments:
        if column is None:
            yield _comment(sql.SQL(one.word), _at(one, schema), text)
        elif column in columns:
            place = sql.Identifier(schema, one.relation.name, column)
            yield _comment(sql.SQL("COLUMN"), place, text)


def regrant(
    one: Captured, schema: str, granted: frozenset[Grant], columns: Sequence[str]
) -> Iterator[sql.Composed]:
    """From the grants a new relation has to those the old one had.

    Default privileges of the schema have given it some already; they would open what was closed by hand.
    """
    wanted = {grant for grant in one.grants if grant.column is None or grant.column in columns}
    for grant in sorted(granted - wanted, key=repr):
        yield sql.SQL("REVOKE {} ON {} FROM {}").format(_right(grant), _at(one, schema), _role(grant))
    for grant in sorted(wanted - granted, key=repr):
        yield sql.SQL("GRANT {} ON {} TO {}{}").format(
            _right(grant),
            _at(one, schema),
            _role(grant),
            sql.SQL(" WITH GRANT OPTION" if grant.grantable else ""),
        )


def _at(one: Captured, schema: str) -> sql.Identifier:
    return sql.Identifier(schema, one.relation.name)


def _index(index: Index, one: Captured, schema: str) -> Iterator[sql.Composed]:
    yield sql.SQL("CREATE {} INDEX {} ON {} USING {}").format(
        sql.SQL("UNIQUE" if index.unique else ""),
        sql.Identifier(index.name),
        _at(one, schema),
        sql.SQL(index.tail),
    )
    if index.comment is not None:
        yield _comment(sql.SQL("INDEX"), sql.Identifier(schema, index.name), index.comment)


def _comment(kind: sql.SQL, place: sql.Identifier, text: str) -> sql.Composed:
    return sql.SQL("COMMENT ON {} {} IS {}").format(kind, place, sql.Literal(text))


def _right(grant: Grant) -> sql.Composable:
    # Names of privileges come from the catalog.
    if grant.column is None:
        return sql.SQL(grant.privilege)
    return sql.SQL("{} ({})").format(sql.SQL(grant.privilege), sql.Identifier(grant.column))


def _role(grant: Grant) -> sql.Composable:
    return sql.SQL("PUBLIC") if grant.grantee is None else sql.Identifier(grant.grantee)
