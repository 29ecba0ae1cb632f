"""Landing: tables of one source, loaded beside those in use and switched in together.

A cut loads into its own schema ``land_<cut_id>``. Until it is switched in nobody reads it, so it can be
killed at any moment; the next cut of the same source removes what was left.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from regendata.exceptions import ContentRefused, EmptySource
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import housekeeping, parts
from regendata.hooks.warehouse.facades import LockPolicy, plan_facades, switch
from regendata.hooks.warehouse.schema import WRITE_BEHIND, ensure_schemas
from regendata.models.relation import Relation
from regendata.models.tables import TableSpec
from regendata.publish import statements
from regendata.publish.facade import physical

LAND_PREFIX = "land_"
BINARY = "FORMAT binary"
CSV = "FORMAT csv"
#: Models join landed tables whole: a sample of 6,000 rows tells enough, and takes a seventh of the time.
STATISTICS_TARGET = 20


@dataclass(frozen=True)
class Landed:
    """What a landed table holds: fingerprint of its source, rows, bytes and anything worth keeping.

    :param parts: where its rows stand, in the order they came.
    """

    relation: Relation
    place: Relation
    fingerprint: str
    rows: int
    bytes: int
    seconds: float
    parts: tuple[Relation, ...]
    details: Mapping[str, Any] = field(default_factory=dict)


def land_schema(cut_id: int) -> str:
    return f"{LAND_PREFIX}{cut_id}"


def shape_of(spec: TableSpec) -> str:
    """Names and types of a table; part of every fingerprint, so that a changed file is loaded anew."""
    return ", ".join(column.definition for column in spec.columns)


def landed_tables(conn: PgConnection, source: str | None = None) -> dict[Relation, Landed]:
    """What is landed now, of one source or of all."""
    rows = conn.execute(
        "SELECT relation, physical, fingerprint, row_count, byte_count, seconds, parts, details "
        "FROM meta.landed_table WHERE %(source)s::text IS NULL OR source = %(source)s",
        {"source": source},
    ).fetchall()
    return {landed.relation: landed for landed in map(_parsed, rows)}


def _parsed(row: Sequence[Any]) -> Landed:
    relation, physical_name, fingerprint, rows, size, seconds, held, details = row
    place = Relation.parse(physical_name)
    whole = parts.held_in(place, held)
    return Landed(Relation.parse(relation), place, fingerprint, rows, size, seconds, whole, details)


def open_cut(conn: PgConnection, source: str, version: str | None, run_id: str, loads: bool) -> int:
    """Start a cut and remove what an earlier one of this source left when it was killed.

    :param loads: whether any table will be loaded; a cut that found nothing new needs no schema.
    """
    conn.execute(
        "UPDATE meta.cut SET state = 'failed', finished_at = clock_timestamp() "
        "WHERE source = %s AND state = 'landing'",
        [source],
    )
    # Also what an earlier attempt could not drop, because a killed worker's session was still at it.
    dead = conn.execute(
        "SELECT nspname FROM pg_namespace INNER JOIN meta.cut ON nspname = %s || cut_id "
        "WHERE source = %s AND state = 'failed'",
        [LAND_PREFIX, source],
    ).fetchall()
    housekeeping.drop_schemas(conn, [schema for (schema,) in dead])
    row = conn.execute(
        "INSERT INTO meta.cut (source, source_version, run_id, state) VALUES (%s, %s, %s, 'landing') "
        "RETURNING cut_id",
        [source, version, run_id],
    ).fetchone()
    cut_id = int(row[0]) if row else 0
    if loads:
        ensure_schemas(conn, [land_schema(cut_id)])
    return cut_id


def load(
    conn: PgConnection,
    cut_id: int,
    spec: TableSpec,
    data: Iterable[bytes | memoryview],
    data_format: str,
    fingerprint: str,
    details: Mapping[str, Any] | None = None,
    onto: Landed | None = None,
) -> Landed:
    """COPY one table into the cut's schema, frozen and analyzed, so that nothing has to touch it later.

    :param onto: what the rows are added to; the cut then shows both.
    :raises ContentRefused: a value does not fit its column; the message names row, column and value.
    """
    place = physical(land_schema(cut_id), spec.relation)
    filled = parts.part_of(place) if onto else place
    held = (*(onto.parts if onto else ()), filled)
    began = time.monotonic()
    try:
        with conn.transaction():
            conn.execute("SELECT set_config('backend_flush_after', %s, true)", [WRITE_BEHIND])
            conn.execute(_create(spec, filled))
            with conn.cursor() as cursor:
                with cursor.copy(_copy_in(spec, filled, data_format)) as copy:
                    for chunk in data:
                        copy.write(chunk)
                rows = cursor.rowcount
            if onto:
                conn.execute(statements.create_union(place, held, spec.column_names))
    except psycopg.DataError as error:
        where = (error.diag.context or "").splitlines()[:1]
        raise ContentRefused(
            f"{spec.relation}: {error.diag.message_primary}: {', '.join(where) or 'no row named'}"
        ) from error
    _analyze(conn, filled)
    total, size = rows + (onto.rows if onto else 0), parts.size(conn, held)
    seconds = time.monotonic() - began
    return Landed(spec.relation, place, fingerprint, total, size, seconds, held, details or {})


def close_cut(
    conn: PgConnection,
    cut_id: int,
    source: str,
    landed: Iterable[Landed],
    snapshot_at: Any,
    policy: LockPolicy,
) -> None:
    """Switch the cut in: facades and meta in one transaction. Superseded tables are dropped behind it.

    :raises EmptySource: a table that held rows came back empty.
    """
    new = list(landed)
    _refuse_empty(new, landed_tables(conn, source))
    ensure_schemas(conn, [table.relation.schema for table in new])
    facades = plan_facades(conn, {table.relation: table.place for table in new})
    switch(conn, facades, lambda inside: _record(inside, cut_id, source, new, snapshot_at), policy)
    drop_superseded(conn)


def drop_superseded(conn: PgConnection) -> None:
    """Drop landed tables that no facade shows any more; what is being read stays for the next time."""
    rows = conn.execute(
        "SELECT n.nspname, c.relname, c.relkind::text FROM pg_class AS c "
        "INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace "
        "INNER JOIN meta.cut AS k ON n.nspname = %s || k.cut_id AND k.state <> 'landing' "
        "WHERE c.relkind IN ('r', 'v') AND NOT EXISTS ("
        "SELECT FROM meta.landed_table AS l CROSS JOIN unnest(l.physical || l.parts) AS held (place) "
        "WHERE to_regclass(held.place) = c.oid) ORDER BY c.oid DESC",
        [LAND_PREFIX],
    ).fetchall()
    housekeeping.drop_kinds(conn, rows)
    # Also one that a killed worker had emptied already.
    ended = conn.execute(
        "SELECT nspname FROM pg_namespace INNER JOIN meta.cut ON nspname = %s || cut_id "
        "WHERE state <> 'landing'",
        [LAND_PREFIX],
    ).fetchall()
    housekeeping.drop_empty_schemas(conn, [schema for (schema,) in ended])


def _analyze(conn: PgConnection, place: Relation) -> None:
    with conn.transaction():
        conn.execute(
            sql.SQL("SET LOCAL default_statistics_target = {}").format(sql.Literal(STATISTICS_TARGET))
        )
        conn.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(*place)))


def _create(spec: TableSpec, place: Relation) -> sql.Composed:
    # Autovacuum would analyze what is analyzed already and hold up the next switch meanwhile.
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.type)) for column in spec.columns
    )
    return sql.SQL("CREATE TABLE {} ({}) WITH (autovacuum_enabled = off)").format(
        sql.Identifier(*place), columns
    )


def _copy_in(spec: TableSpec, place: Relation, data_format: str) -> sql.Composed:
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in spec.column_names)
    return sql.SQL("COPY {} ({}) FROM STDIN ({}, FREEZE)").format(
        sql.Identifier(*place), columns, sql.SQL(data_format)
    )


def _refuse_empty(new: Iterable[Landed], before: Mapping[Relation, Landed]) -> None:
    for table in new:
        held = before[table.relation].rows if table.relation in before else 0
        if held and not table.rows:
            raise EmptySource(
                f"{table.relation} came back empty after {held:,} rows; the last data stays in use"
            )


def _record(conn: PgConnection, cut_id: int, source: str, landed: list[Landed], snapshot_at: Any) -> None:
    _record_history(conn, cut_id, source, landed, snapshot_at)
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO meta.landed_table (relation, physical, source, cut_id, fingerprint, row_count, "
            "byte_count, seconds, parts, details) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (relation) DO UPDATE SET physical = excluded.physical, source = excluded.source, "
            "cut_id = excluded.cut_id, fingerprint = excluded.fingerprint, row_count = excluded.row_count, "
            "byte_count = excluded.byte_count, seconds = excluded.seconds, parts = excluded.parts, "
            "details = excluded.details, landed_at = clock_timestamp()",
            [
                (
                    str(table.relation),
                    str(table.place),
                    source,
                    cut_id,
                    table.fingerprint,
                    table.rows,
                    table.bytes,
                    table.seconds,
                    parts.named(table.parts),
                    json.dumps(table.details),
                )
                for table in landed
            ],
        )
    conn.execute(
        "UPDATE meta.cut SET state = 'superseded' WHERE source = %s AND state = 'current' AND %s",
        [source, bool(landed)],
    )
    conn.execute(
        "UPDATE meta.cut SET state = %s, snapshot_at = %s, finished_at = clock_timestamp() WHERE cut_id = %s",
        ["current" if landed else "unchanged", snapshot_at, cut_id],
    )


def _record_history(
    conn: PgConnection, cut_id: int, source: str, landed: list[Landed], snapshot_at: Any
) -> None:
    """A row per load, with the change to what was landed until now."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO meta.landing_history (cut_id, relation, source, row_count, row_change, byte_count, "
            "seconds, source_at, details) SELECT %(cut)s, %(relation)s, %(source)s, %(rows)s, "
            "%(rows)s - (SELECT row_count FROM meta.landed_table WHERE relation = %(relation)s), "
            "%(bytes)s, %(seconds)s, %(source_at)s, %(details)s",
            [
                {
                    "cut": cut_id,
                    "relation": str(table.relation),
                    "source": source,
                    "rows": table.rows,
                    "bytes": table.bytes,
                    "seconds": table.seconds,
                    "source_at": snapshot_at,
                    "details": json.dumps(table.details),
                }
                for table in landed
            ],
        )
