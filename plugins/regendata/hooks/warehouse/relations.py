"""Building one relation of a build."""

from __future__ import annotations

import time

import psycopg
from psycopg import sql

from regendata.exceptions import CheckFailed
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import builds, checks
from regendata.hooks.warehouse.schema import WRITE_BEHIND
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish import statements
from regendata.publish.checks import Totals
from regendata.publish.checks.verdict import CheckResult, Finding
from regendata.settings import Settings


def build_relation(conn: PgConnection, build_id: int, model: ModelSpec, settings: Settings) -> int | None:
    """Build one materialized view with indexes, comments and statistics.

    Building again after a kill starts from nothing, so the result is the same.

    :returns: its rows, or None when the plan carries it over.
    :raises CheckFailed: the key is not unique; the message shows the first duplicate.
    """
    plan = builds.planned(conn, build_id)
    item = plan[model.relation]
    if item.carried_over:
        return None
    began = time.monotonic()
    places = {relation: other.place for relation, other in plan.items()}
    try:
        with conn.transaction():
            _tune(conn, settings)
            conn.execute(sql.SQL("DROP MATERIALIZED VIEW IF EXISTS {}").format(sql.Identifier(*item.place)))
            rows = conn.execute(statements.create_matview(model, item.place, places)).rowcount
            for statement in (
                *statements.create_indexes(model, item.place),
                *statements.comments(model, item.place),
            ):
                conn.execute(statement)
    except psycopg.errors.UniqueViolation as error:
        detail = str(error.diag.message_detail)
        checks.write_results(conn, build_id, model.relation, [_broken_key(conn, model, item.place, detail)])
        raise CheckFailed(f"{model.relation}: key is not unique: {detail}") from error
    builds.analyze(conn, item.place)
    # The check adds the amount up, in the one scan it makes anyhow.
    totals = Totals(rows, None)
    builds.record_built(conn, build_id, model.relation, totals, time.monotonic() - began)
    return rows


def _broken_key(conn: PgConnection, model: ModelSpec, place: Relation, detail: str) -> CheckResult:
    """The check that the unique index is; nothing of the relation is left to look at."""
    index = next(statements.create_indexes(model, place)).as_string(conn)
    finding = Finding(False, detail, "unique", index)
    return CheckResult(f"unique {', '.join(model.unique_key)}", "stop", "failed", finding)


def _tune(conn: PgConnection, settings: Settings) -> None:
    """For this transaction only."""
    for name, value in (
        ("work_mem", settings.build_work_mem),
        ("hash_mem_multiplier", "4"),
        ("maintenance_work_mem", settings.build_maintenance_work_mem),
        ("max_parallel_workers_per_gather", str(settings.build_parallel_workers)),
        ("max_parallel_maintenance_workers", str(settings.build_index_workers)),
        # A build reads tables as a whole; where the planner expects few rows of a join it is mistaken.
        ("enable_nestloop", "off"),
        ("backend_flush_after", WRITE_BEHIND),
    ):
        conn.execute("SELECT set_config(%s, %s, true)", [name, value])
