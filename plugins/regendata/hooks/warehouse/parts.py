"""Relations in parts: a view of one that stood already, and of the rows that came, as a table of their own.

Parts never change. So two relations hold the same rows when their parts are the same, and one only grew when
its parts begin with those of the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation
from regendata.publish.facade import physical

#: Name behind that of the relation which a part extends.
PART_SUFFIX = "added"


def part_of(place: Relation) -> Relation:
    """Where the rows stand that a relation gained; it is a view then."""
    return physical(place.schema, Relation(place.name, PART_SUFFIX))


def held_in(place: Relation, names: Iterable[str]) -> tuple[Relation, ...]:
    """Parts from their names as kept; a relation in one piece is its own only part."""
    return tuple(map(Relation.parse, names)) or (place,)


def named(held: Sequence[Relation]) -> list[str]:
    """Names to keep; none for a relation in one piece."""
    return [str(one) for one in held] if len(held) > 1 else []


def size(conn: PgConnection, held: Sequence[Relation]) -> int:
    """Bytes on disk of all parts, indexes included."""
    row = conn.execute(
        "SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest(%s::text[]) AS name",
        [[str(one) for one in held]],
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def drop_attempt(conn: PgConnection, place: Relation) -> None:
    """Drop what an interrupted attempt left of a relation, in one piece or in parts."""
    rows = conn.execute(
        "SELECT c.relname, c.relkind::text FROM pg_class AS c "
        "INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = ANY(%s) AND c.relkind IN ('r', 'v', 'm') "
        "ORDER BY c.oid DESC",
        [place.schema, [place.name, part_of(place).name]],
    ).fetchall()
    for name, kind in rows:
        conn.execute(sql.SQL("DROP {} {}").format(sql.SQL(KINDS[kind]), sql.Identifier(place.schema, name)))


#: What DROP calls each kind of relation.
KINDS = {"r": "TABLE", "v": "VIEW", "m": "MATERIALIZED VIEW"}
