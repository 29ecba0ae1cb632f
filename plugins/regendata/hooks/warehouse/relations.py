"""Building one relation of a build, and checking it."""

from __future__ import annotations

import json
import time
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from regendata.exceptions import CheckFailed
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import builds
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish import statements
from regendata.publish.checks import CheckResult, Totals, evaluate
from regendata.settings import Settings


def build_relation(conn: PgConnection, build_id: int, model: ModelSpec, settings: Settings) -> Totals | None:
    """Build one materialized view with indexes, comments and statistics.

    Building again after a kill starts from nothing, so the result is the same.

    :returns: its figures, or None when the plan carries it over.
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
            conn.execute(statements.create_matview(model, item.place, places))
            for statement in (
                *statements.create_indexes(model, item.place),
                *statements.comments(model, item.place),
            ):
                conn.execute(statement)
    except psycopg.errors.UniqueViolation as error:
        raise CheckFailed(f"{model.relation}: key is not unique: {error.diag.message_detail}") from error
    builds.analyze(conn, item.place)
    totals = read_totals(conn, model, item.place)
    builds.record_built(conn, build_id, model.relation, totals, time.monotonic() - began)
    return totals


def check_relation(conn: PgConnection, build_id: int, system: str, model: ModelSpec) -> list[CheckResult]:
    """Judge one built relation, write every result down, then stop on the first breach.

    :raises CheckFailed: naming relation, check, figure and sample rows.
    """
    item = builds.planned(conn, build_id)[model.relation]
    query = statements.totals_query(model, item.place)
    totals = read_totals(conn, model, item.place)
    published = builds.published_totals(conn, system, model.relation)
    results = evaluate(model, item.place, query.as_string(conn), totals, published)
    samples = {result.name: _samples(conn, result) for result in results}
    _write_results(conn, build_id, model.relation, results, samples)
    broken = [result for result in results if not result.passed]
    if broken:
        raise CheckFailed("; ".join(_breach(model.relation, result, samples) for result in broken))
    return results


def read_totals(conn: PgConnection, model: ModelSpec, place: Relation) -> Totals:
    """Rows, USD total and NULL counts of one relation."""
    row = conn.execute(statements.totals_query(model, place)).fetchone()
    rows, amount, *nulls = row or (0, None)
    return Totals(rows, amount, tuple(nulls))


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
    ):
        conn.execute("SELECT set_config(%s, %s, true)", [name, value])


def _samples(conn: PgConnection, result: CheckResult) -> list[dict[str, Any]]:
    if result.passed or result.samples is None:
        return []
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(result.samples).fetchall()


def _write_results(
    conn: PgConnection,
    build_id: int,
    relation: Relation,
    results: list[CheckResult],
    samples: dict[str, list[dict[str, Any]]],
) -> None:
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute(
            "DELETE FROM meta.check_result WHERE build_id = %s AND relation = %s", [build_id, str(relation)]
        )
        cursor.executemany(
            "INSERT INTO meta.check_result (build_id, relation, check_name, severity, verdict, passed, "
            "figure, expected, statement, samples) VALUES (%s, %s, %s, 'stop', %s, %s, %s, %s, %s, %s)",
            [
                (
                    build_id,
                    str(relation),
                    result.name,
                    "passed" if result.passed else "failed",
                    result.passed,
                    result.figure,
                    result.expected,
                    result.statement,
                    json.dumps(samples[result.name], default=str),
                )
                for result in results
            ],
        )


def _breach(relation: Relation, result: CheckResult, samples: dict[str, list[dict[str, Any]]]) -> str:
    shown = f", such as {samples[result.name][0]}" if samples[result.name] else ""
    return f"{relation}: {result.name}: {result.figure}, expected {result.expected}{shown}"
