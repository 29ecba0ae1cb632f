"""Builds: opened with a plan, filled relation by relation, published or given up as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from regendata.exceptions import CheckFailed, EmptySource
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import housekeeping
from regendata.hooks.warehouse.cuts import landed_tables
from regendata.hooks.warehouse.facades import LockPolicy, Switched, plan_facades, switch
from regendata.hooks.warehouse.schema import ensure_schemas
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.publish.checks import Totals
from regendata.publish.plan import BUILD_PREFIX, Built, PlannedRelation, build_schema, plan_build

_PUBLISHED_QUERY = """
SELECT relation, physical, fingerprint, row_count, amount_usd
FROM meta.build_relation
WHERE
  build_id = (SELECT max(build_id) FROM meta.build WHERE system = %s AND state = 'published')
  AND to_regclass(physical) IS NOT NULL
"""


@dataclass(frozen=True)
class OpenedBuild:
    """A new build and its plan, in build order."""

    build_id: int
    plan: Mapping[Relation, PlannedRelation]

    @property
    def nothing_to_do(self) -> bool:
        return all(planned.carried_over for planned in self.plan.values())


def open_build(conn: PgConnection, project: Project, run_id: str) -> OpenedBuild:
    """Give up what an interrupted run left, then plan a new build and write the plan down.

    :raises EmptySource: a table that models read was never landed.
    """
    give_up_open_builds(conn, project.system, "interrupted")
    inputs = _inputs(conn, project)
    published = published_relations(conn, project.system)
    with conn.transaction():
        row = conn.execute(
            "INSERT INTO meta.build (system, run_id, state) VALUES (%s, %s, 'building') RETURNING build_id",
            [project.system, run_id],
        ).fetchone()
        build_id = int(row[0]) if row else 0
        opened = OpenedBuild(build_id, plan_build(project, build_id, inputs, published))
        _write_plan(conn, opened)
        if not opened.nothing_to_do:
            ensure_schemas(conn, [build_schema(build_id)])
    return opened


def planned(conn: PgConnection, build_id: int) -> dict[Relation, PlannedRelation]:
    """The plan of a build as it was written down."""
    rows = conn.execute(
        "SELECT relation, physical, fingerprint, carried_over FROM meta.build_relation WHERE build_id = %s",
        [build_id],
    ).fetchall()
    parsed = ((Relation.parse(row[0]), Relation.parse(row[1]), *row[2:]) for row in rows)
    return {row[0]: PlannedRelation(*row) for row in parsed}


def published_relations(conn: PgConnection, system: str) -> dict[Relation, Built]:
    """Relations of the published build that still exist."""
    rows = conn.execute(_PUBLISHED_QUERY, [system]).fetchall()
    return {Relation.parse(row[0]): Built(row[2], Relation.parse(row[1])) for row in rows}


def published_totals(conn: PgConnection, system: str, relation: Relation) -> Totals | None:
    """Rows and USD total that readers see now; None before the first publish."""
    rows = conn.execute(_PUBLISHED_QUERY, [system]).fetchall()
    found = (Totals(row[3], row[4]) for row in rows if row[0] == str(relation) and row[3] is not None)
    return next(found, None)


def record_built(
    conn: PgConnection, build_id: int, relation: Relation, totals: Totals, seconds: float
) -> None:
    """Write down what a relation turned out to hold."""
    conn.execute(
        "UPDATE meta.build_relation SET row_count = %s, amount_usd = %s, seconds = %s, "
        "byte_count = pg_total_relation_size(physical::regclass), built_at = clock_timestamp() "
        "WHERE build_id = %s AND relation = %s",
        [totals.rows, totals.amount_usd, seconds, build_id, str(relation)],
    )


def publish(conn: PgConnection, build_id: int, policy: LockPolicy) -> Switched:
    """Point every facade at this build, in one transaction with the build's own state.

    :raises CheckFailed: a relation of the plan was not built or did not pass.
    """
    plan = planned(conn, build_id)
    _refuse_unfinished(conn, build_id)
    ensure_schemas(conn, [relation.schema for relation in plan])
    facades = plan_facades(conn, {relation: item.place for relation, item in plan.items()})
    return switch(conn, facades, lambda inside: _finish(inside, build_id, "published", None), policy)


def close_unchanged(conn: PgConnection, build_id: int) -> None:
    """End a build that had nothing to do."""
    _finish(conn, build_id, "unchanged", "no input changed")


def give_up_open_builds(conn: PgConnection, system: str, reason: str) -> None:
    """Mark builds that never ended as failed and drop what they made."""
    conn.execute(
        "UPDATE meta.build SET state = 'failed', finished_at = clock_timestamp(), reason = %s "
        "WHERE system = %s AND state = 'building'",
        [reason, system],
    )
    # Also what an earlier attempt could not drop, because a killed worker's session was still at it.
    dead = conn.execute(
        "SELECT nspname FROM pg_namespace INNER JOIN meta.build ON nspname = %s || build_id "
        "WHERE system = %s AND state = 'failed'",
        [BUILD_PREFIX, system],
    ).fetchall()
    housekeeping.drop_schemas(conn, [schema for (schema,) in dead])


def drop_old(conn: PgConnection, system: str, keep: int) -> None:
    """Drop relations that none of the last ``keep`` published builds shows."""
    rows = conn.execute(
        "SELECT n.nspname, c.relname FROM meta.build_relation AS r "
        "INNER JOIN meta.build AS b ON b.build_id = r.build_id AND b.system = %(system)s "
        "INNER JOIN pg_class AS c ON c.oid = to_regclass(r.physical) AND c.relkind = 'm' "
        "INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace AND starts_with(n.nspname, %(prefix)s) "
        "WHERE b.state <> 'building' AND NOT EXISTS ("
        "SELECT FROM meta.build_relation AS kept WHERE kept.physical = r.physical AND kept.build_id IN ("
        "SELECT build_id FROM meta.build WHERE system = %(system)s AND state IN ('published', 'building') "
        "ORDER BY build_id DESC LIMIT %(keep)s)) "
        # What was made later may read what was made before.
        "GROUP BY n.nspname, c.relname, c.oid ORDER BY c.oid DESC",
        {"system": system, "prefix": BUILD_PREFIX, "keep": keep},
    ).fetchall()
    housekeeping.drop_relations(conn, [Relation(*row) for row in rows], "MATERIALIZED VIEW")


def _inputs(conn: PgConnection, project: Project) -> dict[Relation, str]:
    landed = landed_tables(conn)
    missing = sorted(str(relation) for relation in project.inputs if relation not in landed)
    if missing:
        raise EmptySource(
            f"{', '.join(missing)} was never landed; static tables are loaded by the DAG "
            f"{project.system}_static_data, the others earlier in this run"
        )
    return {relation: landed[relation].fingerprint for relation in project.inputs}


def _write_plan(conn: PgConnection, opened: OpenedBuild) -> None:
    """Carried-over relations take their figures from the build that made them."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO meta.build_relation (build_id, relation, physical, fingerprint, carried_over, "
            "row_count, byte_count, amount_usd, seconds, built_at) "
            "SELECT %(build_id)s, %(relation)s, %(physical)s, %(fingerprint)s, %(carried)s, "
            "b.row_count, b.byte_count, b.amount_usd, 0, b.built_at "
            "FROM (SELECT) AS one LEFT JOIN LATERAL (SELECT * FROM meta.build_relation "
            "WHERE %(carried)s AND physical = %(physical)s AND NOT carried_over LIMIT 1) AS b ON true",
            [
                {
                    "build_id": opened.build_id,
                    "relation": str(item.relation),
                    "physical": str(item.place),
                    "fingerprint": item.fingerprint,
                    "carried": item.carried_over,
                }
                for item in opened.plan.values()
            ],
        )


def _refuse_unfinished(conn: PgConnection, build_id: int) -> None:
    rows = conn.execute(
        "SELECT r.relation, CASE WHEN r.built_at IS NULL THEN 'was not built' ELSE 'did not pass ' "
        "|| c.check_name END FROM meta.build_relation AS r LEFT JOIN meta.check_result AS c "
        "ON c.build_id = r.build_id AND c.relation = r.relation AND c.severity = 'stop' AND NOT c.passed "
        "WHERE r.build_id = %s AND (r.built_at IS NULL OR c.check_name IS NOT NULL) ORDER BY 1",
        [build_id],
    ).fetchall()
    if rows:
        raise CheckFailed(f"build {build_id}: " + "; ".join(f"{relation} {what}" for relation, what in rows))


def _finish(conn: PgConnection, build_id: int, state: str, reason: str | None) -> None:
    conn.execute(
        "UPDATE meta.build SET state = %s, reason = %s, finished_at = clock_timestamp() WHERE build_id = %s",
        [state, reason, build_id],
    )


def analyze(conn: PgConnection, place: Relation) -> None:
    """Give the planner statistics before anybody reads."""
    conn.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(*place)))
