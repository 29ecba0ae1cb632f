"""What is written down of a build: its plan, what it reads, and how each relation was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import parts
from regendata.hooks.warehouse.cuts import Landed
from regendata.models.relation import Relation
from regendata.publish.growth import Held, Way
from regendata.publish.plan import Built, PlannedRelation


@dataclass(frozen=True)
class Made:
    """A relation that was just made.

    :param parts: where its rows stand, in the order they came.
    """

    relation: Relation
    parts: tuple[Relation, ...]
    rows: int
    way: Way


def write_plan(conn: PgConnection, build_id: int, plan: Iterable[PlannedRelation], why: str) -> None:
    """Write a plan down. Carried-over relations take their figures from the build that made them.

    :param why: why they are carried over.
    """
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO meta.build_relation (build_id, relation, physical, fingerprint, carried_over, "
            "row_count, byte_count, amount_usd, seconds, built_at, parts, way, why) "
            "SELECT %(build_id)s, %(relation)s, %(physical)s, %(fingerprint)s, %(carried)s, "
            "b.row_count, b.byte_count, b.amount_usd, 0, b.built_at, %(parts)s, "
            "CASE WHEN %(carried)s THEN 'carried over' END, CASE WHEN %(carried)s THEN %(why)s END "
            "FROM (SELECT) AS one LEFT JOIN LATERAL (SELECT * FROM meta.build_relation "
            "WHERE %(carried)s AND physical = %(physical)s AND NOT carried_over LIMIT 1) AS b ON true",
            [
                {
                    "build_id": build_id,
                    "relation": str(item.relation),
                    "physical": str(item.place),
                    "fingerprint": item.fingerprint,
                    "carried": item.carried_over,
                    "parts": parts.named(item.parts),
                    "why": why,
                }
                for item in plan
            ],
        )


def write_inputs(conn: PgConnection, build_id: int, inputs: Mapping[Relation, Landed]) -> None:
    """Keep what the tables held that this build reads, so that the next one can tell what came."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO meta.build_input (build_id, relation, fingerprint, parts) VALUES (%s, %s, %s, %s)",
            [
                (build_id, str(relation), landed.fingerprint, [str(part) for part in landed.parts])
                for relation, landed in inputs.items()
            ],
        )


def record_built(conn: PgConnection, build_id: int, made: Made, seconds: float) -> None:
    """Write down what a relation turned out to hold, and how it was made."""
    conn.execute(
        "UPDATE meta.build_relation SET row_count = %s, amount_usd = NULL, seconds = %s, byte_count = %s, "
        "parts = %s, way = %s, why = %s, built_at = clock_timestamp() WHERE build_id = %s AND relation = %s",
        [
            made.rows,
            seconds,
            parts.size(conn, made.parts),
            parts.named(made.parts),
            made.way.name,
            made.way.why,
            build_id,
            str(made.relation),
        ],
    )


def record_carried_over(
    conn: PgConnection, build_id: int, relation: Relation, built: Built, why: str
) -> None:
    """Have a build show what is published, found the same while it was built."""
    conn.execute(
        "UPDATE meta.build_relation AS mine SET physical = old.physical, parts = old.parts, "
        "carried_over = true, way = 'carried over', why = %s, row_count = old.row_count, "
        "byte_count = old.byte_count, amount_usd = old.amount_usd, seconds = 0, built_at = old.built_at "
        "FROM meta.build_relation AS old WHERE mine.build_id = %s AND mine.relation = %s "
        "AND old.physical = %s AND old.relation = mine.relation AND NOT old.carried_over",
        [why, build_id, str(relation), str(built.place)],
    )


def read_inputs(conn: PgConnection, build_id: int) -> dict[Relation, Held]:
    """What tables and models of a build held, by the names its models read them."""
    rows = conn.execute(
        "SELECT relation, fingerprint, parts, relation FROM meta.build_input WHERE build_id = %(build)s "
        "UNION ALL SELECT relation, fingerprint, parts, physical FROM meta.build_relation "
        "WHERE build_id = %(build)s",
        {"build": build_id},
    ).fetchall()
    return {
        Relation.parse(name): Held(fingerprint, parts.held_in(Relation.parse(place), held))
        for name, fingerprint, held, place in rows
    }


def is_whole(conn: PgConnection, build_id: int) -> bool:
    """Whether a build was asked to make every relation anew."""
    row = conn.execute("SELECT whole FROM meta.build WHERE build_id = %s", [build_id]).fetchone()
    return bool(row and row[0])


def rows_of(conn: PgConnection, place: Relation) -> int:
    """Rows of a relation as they were counted when it was made."""
    row = conn.execute(
        "SELECT row_count FROM meta.build_relation WHERE physical = %s AND NOT carried_over", [str(place)]
    ).fetchone()
    return int(row[0]) if row else 0
