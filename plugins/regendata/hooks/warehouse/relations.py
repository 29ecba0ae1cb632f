"""Building one relation of a build."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psycopg
from psycopg import sql

from regendata.exceptions import CheckFailed
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import build_records, builds, checks, extending, parts
from regendata.hooks.warehouse.build_records import Made
from regendata.hooks.warehouse.extending import Step
from regendata.hooks.warehouse.schema import WRITE_BEHIND
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.models.waivers import Waiver
from regendata.publish import statements
from regendata.publish.checks.verdict import CheckResult, Finding
from regendata.publish.growth import Way
from regendata.settings import Settings


def build_or_explain(
    conn: PgConnection,
    build_id: int,
    project: Project,
    relation: Relation,
    settings: Settings,
    waivers: Sequence[Waiver] = (),
) -> int | None:
    """As :func:`build_relation`; where a value does not fit, the checks of what was read say which.

    Those checks run beside this build, and may not have come to it yet.

    :raises CheckFailed: one of them does not pass; else the server's error.
    """
    try:
        return build_relation(conn, build_id, project.models[relation], settings)
    except psycopg.DataError:
        for parent in project.ancestors(relation):
            checks.check_relation(conn, build_id, project.system, project.models[parent], waivers)
        raise


def build_relation(conn: PgConnection, build_id: int, model: ModelSpec, settings: Settings) -> int | None:
    """Make one relation of a build the cheapest way that gives the right rows, with indexes and statistics.

    Building again after a kill starts from nothing, so the result is the same.

    :returns: its rows, or None when it is carried over: by plan, or since it holds what is published.
    :raises CheckFailed: the key is not unique; the message shows the first duplicate.
    """
    step = extending.step_of(conn, build_id, model)
    if step.item.carried_over:
        return None
    way, began = step.way(settings.increments), time.monotonic()
    if way.name == "carried over":
        _carry_over(conn, build_id, step, way.why)
        return None
    made = _extended(conn, step, way, settings) if way.added else None
    if made is None:
        made = _rebuilt(conn, build_id, step, way.as_whole(), settings)
    if made.way.name == "rebuilt" and extending.same_as_published(conn, step, made.rows):
        _carry_over(conn, build_id, step, f"built, and found the same; {made.way.why}")
        return None
    build_records.record_built(conn, build_id, made, time.monotonic() - began)
    return made.rows


def _carry_over(conn: PgConnection, build_id: int, step: Step, why: str) -> None:
    """Show what is published, in place of whatever was made."""
    if step.published is None:
        raise ValueError(f"{step.model.relation} was never published")
    with conn.transaction():
        parts.drop_attempt(conn, step.item.place)
        build_records.record_carried_over(conn, build_id, step.model.relation, step.published, why)


def _extended(conn: PgConnection, step: Step, way: Way, settings: Settings) -> Made | None:
    """None when a new row has to do with an old one."""
    with conn.transaction():
        # Few rows meet many: here the planner may go through an index.
        _tune(conn, settings, few_rows=True)
        parts.drop_attempt(conn, step.item.place)
        return extending.extend(conn, step, way)


def _rebuilt(conn: PgConnection, build_id: int, step: Step, way: Way, settings: Settings) -> Made:
    """One table, or the view of a model that stores nothing."""
    model, place = step.model, step.item.place
    if model.is_view:
        return Made(model.relation, (place,), _shown(conn, step, settings), way)
    try:
        with conn.transaction():
            _tune(conn, settings)
            parts.drop_attempt(conn, place)
            rows = conn.execute(statements.create_filled(place, model.pointed_at(step.places))).rowcount
            for statement in (*statements.create_indexes(model, place), *statements.comments(model, place)):
                conn.execute(statement)
    except psycopg.errors.UniqueViolation as error:
        detail = str(error.diag.message_detail)
        checks.write_results(conn, build_id, model.relation, [_broken_key(conn, model, place, detail)])
        raise CheckFailed(f"{model.relation}: key is not unique: {detail}") from error
    builds.analyze(conn, place)
    return Made(model.relation, (place,), rows, way)


def _shown(conn: PgConnection, step: Step, settings: Settings) -> int:
    """Make the view; returns its rows."""
    model, place = step.model, step.item.place
    with conn.transaction():
        _tune(conn, settings)
        parts.drop_attempt(conn, place)
        conn.execute(statements.create_view(model, place, step.places))
        for statement in statements.comments(model, place):
            conn.execute(statement)
        if model.counted_by and step.plan.keys() >= set(model.counted_by):
            return sum(build_records.rows_of(conn, step.places[one]) for one in model.counted_by)
        row = conn.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*place))).fetchone()
    return int(row[0]) if row else 0


def _broken_key(conn: PgConnection, model: ModelSpec, place: Relation, detail: str) -> CheckResult:
    """The check that the unique index is; nothing of the relation is left to look at."""
    index = next(statements.create_indexes(model, place)).as_string(conn)
    finding = Finding(False, detail, "unique", index)
    return CheckResult(f"unique {', '.join(model.unique_key)}", "stop", "failed", finding)


def _tune(conn: PgConnection, settings: Settings, few_rows: bool = False) -> None:
    """For this transaction only.

    :param few_rows: whether only the rows that came are worked on.
    """
    for name, value in (
        ("work_mem", settings.build_work_mem),
        ("hash_mem_multiplier", "4"),
        ("maintenance_work_mem", settings.build_maintenance_work_mem),
        ("max_parallel_workers_per_gather", str(settings.build_parallel_workers)),
        ("max_parallel_maintenance_workers", str(settings.build_index_workers)),
        # A build reads tables as a whole; where the planner expects few rows of a join it is mistaken.
        ("enable_nestloop", "on" if few_rows else "off"),
        ("backend_flush_after", WRITE_BEHIND),
    ):
        conn.execute("SELECT set_config(%s, %s, true)", [name, value])
