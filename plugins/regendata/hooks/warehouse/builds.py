"""Builds: opened with a plan, filled relation by relation, published or given up as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import psycopg
from psycopg import sql

from regendata.exceptions import BuildSuperseded, CheckFailed, EmptySource, NoSuchBuild, RelationGone
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import approvals, publications, retention
from regendata.hooks.warehouse.cuts import landed_tables
from regendata.hooks.warehouse.facades import LockPolicy, Switched, plan_facades, switch
from regendata.hooks.warehouse.schema import ensure_schemas
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.publish.checks import Totals
from regendata.publish.plan import Built, PlannedRelation, build_schema, plan_build

NO_NEWS = "no input changed"

_PUBLISHED_QUERY = sql.SQL("""
SELECT relation, physical, fingerprint, row_count, amount_usd
FROM meta.build_relation
WHERE build_id = ({} LIMIT 1) AND to_regclass(physical) IS NOT NULL
""").format(publications.SHOWN_BUILDS)


@dataclass(frozen=True)
class OpenedBuild:
    """A new build and its plan, in build order.

    :param ended: why there is nothing to build; None when there is.
    """

    build_id: int
    plan: Mapping[Relation, PlannedRelation]
    ended: str | None = None

    @property
    def nothing_to_do(self) -> bool:
        return self.ended is not None


def open_build(conn: PgConnection, project: Project, run_id: str, again: bool = False) -> OpenedBuild:
    """Give up what an interrupted run left, then plan a new build and write the plan down.

    The new build takes the place of one that waits for a person, unless that was made of the same inputs.

    :param again: build also what was rejected or rolled back before, though no input changed since.
    :raises EmptySource: a table that models read was never landed.
    """
    retention.give_up_open_builds(conn, project.system, "interrupted")
    inputs = _inputs(conn, project)
    with conn.transaction():
        publications.lock(conn, project.system)
        opened = _planned_build(conn, project, run_id, inputs, again)
        _write_plan(conn, opened)
        if not opened.nothing_to_do:
            ensure_schemas(conn, [build_schema(opened.build_id)])
    retention.drop_ended(conn, project.system)
    return opened


def _planned_build(
    conn: PgConnection, project: Project, run_id: str, inputs: Mapping[Relation, str], again: bool
) -> OpenedBuild:
    published = published_relations(conn, project.system)
    build_id = new_build(conn, project.system, run_id)
    opened = OpenedBuild(build_id, plan_build(project, build_id, inputs, published))
    if all(planned.carried_over for planned in opened.plan.values()):
        opened = replace(opened, ended=NO_NEWS)
    elif not again:
        fingerprints = {relation: item.fingerprint for relation, item in opened.plan.items()}
        decided = approvals.decided_before(conn, project.system, fingerprints)
        if decided:
            return OpenedBuild(build_id, _as_published(published), decided)
    approvals.supersede_parked(conn, project.system, f"build {build_id} of run {run_id} took its place")
    return opened


def _as_published(published: Mapping[Relation, Built]) -> dict[Relation, PlannedRelation]:
    return {
        relation: PlannedRelation(relation, built.place, built.fingerprint, carried_over=True)
        for relation, built in published.items()
    }


def new_build(conn: PgConnection, system: str, run_id: str) -> int:
    """Id of a new build, based on the one in use."""
    row = conn.execute(
        "INSERT INTO meta.build (system, run_id, state, based_on) VALUES (%s, %s, 'building', %s) "
        "RETURNING build_id",
        [system, run_id, publications.build_in_use(conn, system)],
    ).fetchone()
    return int(row[0]) if row else 0


def opened_by(conn: PgConnection, system: str, run_id: str) -> int:
    """The build that a run opened, the last one when it was tried again.

    :raises NoSuchBuild: it opened none.
    """
    row = conn.execute(
        "SELECT max(build_id) FROM meta.build WHERE system = %s AND run_id = %s", [system, run_id]
    ).fetchone()
    if row is None or row[0] is None:
        raise NoSuchBuild(f"run {run_id} has opened no build of {system}")
    return int(row[0])


def planned(conn: PgConnection, build_id: int) -> dict[Relation, PlannedRelation]:
    """The plan of a build as it was written down."""
    rows = conn.execute(
        "SELECT relation, physical, fingerprint, carried_over FROM meta.build_relation WHERE build_id = %s",
        [build_id],
    ).fetchall()
    parsed = ((Relation.parse(row[0]), Relation.parse(row[1]), *row[2:]) for row in rows)
    return {row[0]: PlannedRelation(*row) for row in parsed}


def published_relations(conn: PgConnection, system: str) -> dict[Relation, Built]:
    """Relations of the build in use that still exist."""
    rows = conn.execute(_PUBLISHED_QUERY, {"system": system}).fetchall()
    return {Relation.parse(row[0]): Built(row[2], Relation.parse(row[1])) for row in rows}


def published_totals(conn: PgConnection, system: str, relation: Relation) -> Totals | None:
    """Rows and USD total that readers see now; None before the first publish."""
    rows = conn.execute(_PUBLISHED_QUERY, {"system": system}).fetchall()
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

    Publishing a build that was published before does nothing, so a task can be tried again.

    :raises CheckFailed: a relation of the plan was not built, did not pass, or waits for a person.
    :raises BuildSuperseded: a newer build or a rollback came first.
    """
    if approvals.read_state(conn, build_id).state == "published":
        return Switched(0, 0.0, 0.0)
    approvals.refuse_unapproved(conn, build_id)
    _refuse_unfinished(conn, build_id)
    plan = planned(conn, build_id)
    ensure_schemas(conn, [relation.schema for relation in plan])
    try:
        facades = plan_facades(conn, {relation: item.place for relation, item in plan.items()})
        return switch(conn, facades, lambda inside: _put_in_use(inside, build_id), policy)
    except (psycopg.errors.UndefinedTable, RelationGone):
        # Whoever ends a build drops what it made; the build's state says who came first.
        approvals.refuse_unapproved(conn, build_id)
        raise


def _put_in_use(conn: PgConnection, build_id: int) -> None:
    """The build's part of the publish transaction; whoever comes too late takes the switch back with it."""
    build = approvals.read_state(conn, build_id)
    publications.lock(conn, build.system)
    in_use = publications.build_in_use(conn, build.system)
    published = conn.execute(
        "UPDATE meta.build SET state = 'published', finished_at = clock_timestamp() "
        "WHERE build_id = %s AND state IN ('building', 'approved') AND based_on IS NOT DISTINCT FROM %s "
        "RETURNING build_id",
        [build_id, in_use],
    ).fetchone()
    if published is None:
        raise _too_late(conn, build_id, in_use)
    who, why = _approver(conn, build_id)
    publications.record(
        conn,
        publications.Publication(build.system, build_id, "publish", in_use, who, why, run_id=build.run_id),
    )


def _approver(conn: PgConnection, build_id: int) -> tuple[str | None, str | None]:
    row = conn.execute("SELECT who, why FROM meta.approval WHERE build_id = %s", [build_id]).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _too_late(conn: PgConnection, build_id: int, in_use: int | None) -> BuildSuperseded:
    found = approvals.read_state(conn, build_id)
    if found.state not in ("building", "approved"):
        return approvals.superseded(build_id, found)
    return BuildSuperseded(
        f"build {build_id} started from another build than {in_use}, which came into use meanwhile; "
        "the next run starts from there"
    )


def close_unchanged(conn: PgConnection, opened: OpenedBuild) -> None:
    """End a build that had nothing to do."""
    conn.execute(
        "UPDATE meta.build SET state = 'unchanged', reason = %s, finished_at = clock_timestamp() "
        "WHERE build_id = %s",
        [opened.ended, opened.build_id],
    )


def _inputs(conn: PgConnection, project: Project) -> dict[Relation, str]:
    landed = landed_tables(conn)
    missing = sorted(str(relation) for relation in project.inputs if relation not in landed)
    if missing:
        raise EmptySource(
            f"{', '.join(missing)} was never landed; static tables are loaded by the DAG "
            f"{project.system}_static_data, sheets by {project.system}_every_day, "
            "the others earlier in this run"
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


def analyze(conn: PgConnection, place: Relation) -> None:
    """Give the planner statistics before anybody reads."""
    conn.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(*place)))
