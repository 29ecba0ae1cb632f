"""Builds: opened with a plan, filled relation by relation, published or given up as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import psycopg
from psycopg import sql

from regendata.exceptions import BuildSuperseded, CheckFailed, EmptySource, NoSuchBuild, RelationGone
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import approvals, build_records, parts, publications, retention
from regendata.hooks.warehouse.cuts import Landed, landed_tables
from regendata.hooks.warehouse.facades import LockPolicy, Switched, plan_facades, switch
from regendata.hooks.warehouse.schema import ensure_schemas
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.publish.checks import Totals
from regendata.publish.plan import Built, PlannedRelation, build_schema, plan_build

NO_NEWS = "no input changed"

_PUBLISHED_QUERY = sql.SQL("""
SELECT relation, physical, fingerprint, row_count, amount_usd, parts
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


def open_build(
    conn: PgConnection, project: Project, run_id: str, again: bool = False, whole: bool = False
) -> OpenedBuild:
    """Give up what an interrupted run left, then plan a new build and write the plan down.

    The new build takes the place of one that waits for a person, unless that was made of the same inputs.

    :param again: build also what was rejected or rolled back before, though no input changed since.
    :param whole: build every relation as a whole, whatever changed.
    :raises EmptySource: a table that models read was never landed.
    """
    retention.give_up_open_builds(conn, project.system, "interrupted")
    inputs = _inputs(conn, project)
    with conn.transaction():
        publications.lock(conn, project.system)
        opened = _planned_build(conn, project, run_id, inputs, again or whole, whole)
        build_records.write_plan(conn, opened.build_id, opened.plan.values(), NO_NEWS)
        build_records.write_inputs(conn, opened.build_id, inputs)
        if not opened.nothing_to_do:
            ensure_schemas(conn, [build_schema(opened.build_id)])
    retention.drop_ended(conn, project.system)
    return opened


def _planned_build(
    conn: PgConnection,
    project: Project,
    run_id: str,
    inputs: Mapping[Relation, Landed],
    again: bool,
    whole: bool,
) -> OpenedBuild:
    published = published_relations(conn, project.system)
    build_id = new_build(conn, project.system, run_id, whole)
    known = {relation: landed.fingerprint for relation, landed in inputs.items()}
    opened = OpenedBuild(build_id, plan_build(project, build_id, known, {} if whole else published))
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
        relation: PlannedRelation(relation, built.place, built.fingerprint, True, built.parts)
        for relation, built in published.items()
    }


def new_build(conn: PgConnection, system: str, run_id: str, whole: bool = False) -> int:
    """Id of a new build, based on the one in use."""
    row = conn.execute(
        "INSERT INTO meta.build (system, run_id, state, based_on, whole) "
        "VALUES (%s, %s, 'building', %s, %s) RETURNING build_id",
        [system, run_id, publications.build_in_use(conn, system), whole],
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
        "SELECT relation, physical, fingerprint, carried_over, parts, way "
        "FROM meta.build_relation WHERE build_id = %s",
        [build_id],
    ).fetchall()
    found = (_parsed(*row) for row in rows)
    return {item.relation: item for item in found}


def _parsed(
    relation: str, physical: str, fingerprint: str, carried_over: bool, held: list[str], way: str | None
) -> PlannedRelation:
    place = Relation.parse(physical)
    whole = parts.held_in(place, held)
    return PlannedRelation(Relation.parse(relation), place, fingerprint, carried_over, whole, way)


def published_relations(conn: PgConnection, system: str) -> dict[Relation, Built]:
    """Relations of the build in use that still exist."""
    rows = conn.execute(_PUBLISHED_QUERY, {"system": system}).fetchall()
    places = ((row, Relation.parse(row[1])) for row in rows)
    return {
        Relation.parse(row[0]): Built(row[2], place, parts.held_in(place, row[5])) for row, place in places
    }


def published_totals(conn: PgConnection, system: str, relation: Relation) -> Totals | None:
    """Rows and USD total that readers see now; None before the first publish."""
    rows = conn.execute(_PUBLISHED_QUERY, {"system": system}).fetchall()
    found = (Totals(row[3], row[4]) for row in rows if row[0] == str(relation) and row[3] is not None)
    return next(found, None)


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


def _inputs(conn: PgConnection, project: Project) -> dict[Relation, Landed]:
    landed = landed_tables(conn)
    missing = sorted(str(relation) for relation in project.inputs if relation not in landed)
    if missing:
        raise EmptySource(
            f"{', '.join(missing)} was never landed; static tables are loaded by the DAG "
            f"{project.system}_static_data, sheets by {project.system}_every_day, "
            "the others earlier in this run"
        )
    return {relation: landed[relation] for relation in project.inputs}


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
