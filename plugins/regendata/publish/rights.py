"""Rights as rows, so that what has to change is the difference of two sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from psycopg import sql

from regendata.models.relation import Relation
from regendata.publish.permissions import Permissions

MEMBER, SCHEMA, RELATION, COLUMN, DEFAULT = "member", "schema", "relation", "column", "default"


class Right(NamedTuple):
    """One privilege of one role.

    :param kind: what it is on: ``member`` (``name`` is the group), ``schema``, ``relation``, ``column``, or
        ``default`` (relations the engine will make in a schema).
    """

    role: str
    kind: str
    privilege: str
    schema: str = ""
    name: str = ""
    column: str = ""


@dataclass(frozen=True)
class Change:
    """A statement, and the line that tells of it; a line never holds a secret."""

    statement: sql.Composed
    line: str


def wanted(permissions: Permissions, relations: Iterable[Relation]) -> frozenset[Right]:
    """All rights the file gives.

    :param relations: those the engine owns in schemas of the file.
    """
    found = list(relations)
    return frozenset(_wanted(permissions, found))


def _wanted(permissions: Permissions, relations: list[Relation]) -> Iterator[Right]:
    for role in permissions.roles:
        for group in role.member_of:
            yield Right(role.name, MEMBER, "MEMBER", name=group)
        for schema in role.reads:
            yield Right(role.name, SCHEMA, "USAGE", schema)
            yield Right(role.name, DEFAULT, "SELECT", schema)
        for relation in relations:
            if relation.schema in role.reads:
                yield Right(role.name, RELATION, "SELECT", *relation)
        for schema in role.creates_in:
            yield Right(role.name, SCHEMA, "USAGE", schema)
            yield Right(role.name, SCHEMA, "CREATE", schema)
        for relation, privileges in role.may:
            yield Right(role.name, SCHEMA, "USAGE", relation.schema)
            for privilege in privileges:
                yield Right(role.name, RELATION, privilege, *relation)


def diff(wanted: frozenset[Right], held: frozenset[Right], revocable: frozenset[Right]) -> list[Change]:
    """Statements from what is held to what is wanted; none when nothing differs.

    :param revocable: rights the engine can take away: what somebody else granted is his to revoke.
    """
    grants = [_change(right, "GRANT", "TO") for right in sorted(wanted - held)]
    return grants + [_change(right, "REVOKE", "FROM") for right in sorted(revocable - wanted)]


def beyond(wanted: frozenset[Right], held: frozenset[Right], revocable: frozenset[Right]) -> list[str]:
    """Rights the file does not give and the engine cannot take away, as lines for the log."""
    return [_statement(right, "GRANT", "TO").as_string(None) for right in sorted(held - wanted - revocable)]


def _change(right: Right, verb: str, word: str) -> Change:
    statement = _statement(right, verb, word)
    sign = "+" if verb == "GRANT" else "-"
    return Change(statement, f"{sign} {statement.as_string(None)}")


def _statement(right: Right, verb: str, word: str) -> sql.Composed:
    # Verbs and privileges are words of SQL, from the file's known ones or from the catalog.
    tail = sql.SQL(" {} {}").format(sql.SQL(word), sql.Identifier(right.role))
    if right.kind == MEMBER:
        return sql.SQL("{} {}{}").format(sql.SQL(verb), sql.Identifier(right.name), tail)
    if right.kind == DEFAULT:
        return sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} {} {} ON TABLES{}").format(
            sql.Identifier(right.schema), sql.SQL(verb), sql.SQL(right.privilege), tail
        )
    return sql.SQL("{} {} ON {}{}").format(sql.SQL(verb), _privilege(right), _target(right), tail)


def _privilege(right: Right) -> sql.Composable:
    if right.kind != COLUMN:
        return sql.SQL(right.privilege)
    return sql.SQL("{} ({})").format(sql.SQL(right.privilege), sql.Identifier(right.column))


def _target(right: Right) -> sql.Composable:
    if right.kind == SCHEMA:
        return sql.SQL("SCHEMA {}").format(sql.Identifier(right.schema))
    return sql.Identifier(right.schema, right.name)
