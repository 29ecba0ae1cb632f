"""Pull cdr.fyi's four tables as a whole, keep them raw, note what changed, and land them as one cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from functools import partial
from typing import Any

from regendata.hooks.cdr_bucket import Bucket
from regendata.hooks.cdr_fyi import CdrFyiHook
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.throttle import Throttle
from regendata.hooks.warehouse import cdr_market
from regendata.landing import quarantine
from regendata.landing.whole import WholeTable, land_whole
from regendata.models.project import Project
from regendata.settings import Settings
from regendata.sources.cdr.budget import CDR_FYI_LIMITS
from regendata.sources.cdr.history import changes
from regendata.sources.cdr.paging import Pulled, pull_whole
from regendata.sources.cdr.tables import TABLES, Table, TableRows, read_rows, refuse_bad_rows
from regendata.sources.rows import as_csv, fingerprint

SOURCE = "cdr_fyi"
RAW_TYPE = "text/csv"


def land(project: Project, bucket: Bucket, run_id: str, settings: Settings) -> dict[str, Any]:
    """Pull and land all four tables, or none.

    :returns: rows landed, unchanged tables, rows left out, changes noted, pages and attempts per table.
    :raises ContentRefused: naming table, row and field.
    :raises SourceUnavailable: cdr.fyi cannot be read whole; also when its limits leave no room.
    """
    read_at = datetime.now(timezone.utc)
    with connect() as conn:
        pulled = _pull_all(conn, settings)
        found = {name: read_rows(TABLES[name], one.items) for name, one in pulled.items()}
        for name, rows in found.items():
            quarantine.write(conn, TABLES[name].source, TABLES[name].relation, run_id, rows.bad)
        for name, rows in found.items():
            refuse_bad_rows(TABLES[name], rows)
        changed = {name: _note_changes(conn, TABLES[name], rows, run_id) for name, rows in found.items()}
    _keep_raw(bucket, found, read_at)
    tables = [_whole(project, TABLES[name], pulled[name], rows) for name, rows in found.items()]
    done = land_whole(SOURCE, None, run_id, tables, settings, snapshot_at=read_at)
    return done | {
        "left_out": {name: len(rows.bad) for name, rows in found.items()},
        "changes": changed,
        "pages": {name: one.pages for name, one in pulled.items()},
        "attempts": {name: one.attempts for name, one in pulled.items()},
        "unknown_fields": {name: list(rows.extra_fields) for name, rows in found.items()},
    }


def _pull_all(conn: PgConnection, settings: Settings) -> Mapping[str, Pulled]:
    ledger = cdr_market.RequestLedger(conn, SOURCE, CDR_FYI_LIMITS)
    hook = CdrFyiHook(Throttle("cdr.fyi", ledger, settings.cdr_patience_s))
    return {name: pull_whole(table, partial(hook.page, table)) for name, table in TABLES.items()}


def _note_changes(conn: PgConnection, table: Table, found: TableRows, run_id: str) -> int:
    """Note how rows differ from those landed; the first landing has nothing to differ from."""
    base_cut, before = cdr_market.landed_rows(conn, table.relation, table.columns)
    if base_cut is None:
        return 0
    noted = list(changes(table.columns, before, found.rows))
    cdr_market.record_changes(conn, table.name, base_cut, run_id, noted)
    return len(noted)


def _keep_raw(bucket: Bucket, found: Mapping[str, TableRows], read_at: datetime) -> None:
    """Raw rows hold private fields: they never go where everybody can read, permission or not."""
    if bucket.is_public():
        return
    for name, rows in found.items():
        key = f"raw/cdr_fyi_{name}_{read_at:%Y%m%d}.csv"
        bucket.write(key, b"".join(_raw_lines(TABLES[name], rows)), RAW_TYPE)


def _raw_lines(table: Table, rows: TableRows) -> Iterator[bytes]:
    yield (",".join(table.columns) + "\n").encode()
    yield from as_csv(rows.rows)


def _whole(project: Project, table: Table, pulled: Pulled, found: TableRows) -> WholeTable:
    details = {"pages": pulled.pages, "attempts": pulled.attempts, "left_out": len(found.bad)}
    return WholeTable(
        project.tables[table.relation], fingerprint(found.rows), lambda: as_csv(found.rows), details
    )
