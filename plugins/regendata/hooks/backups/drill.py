"""The restore drill: a backup is worth what comes back from it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from regendata.backups.keys import ARCHIVES, WHOLE, BackupId
from regendata.backups.manifest import Manifest, differences
from regendata.exceptions import BackupRefused, RestoreDiffers
from regendata.hooks.backups import facts, programs
from regendata.hooks.backups.programs import Target
from regendata.hooks.backups.store import BackupStore
from regendata.hooks.postgres import PgConnection, connect
from regendata.settings import Settings

SCRATCH = "restore_drill_"
_JOBS = 2
#: libpq's keywords of the variables that make a target.
_NAMES = {
    "PGHOST": "host",
    "PGPORT": "port",
    "PGUSER": "user",
    "PGPASSFILE": "passfile",
    "PGSSLMODE": "sslmode",
}
_SHOWN = 5


@dataclass(frozen=True)
class Drill:
    """A drill that went well."""

    manifest: Manifest
    seconds: float


def choose(store: BackupStore, conn_id: str, name: str | None) -> BackupId:
    """The backup of a name such as ``20261122T014000Z``, or the newest.

    :raises BackupRefused: there is no such complete backup; the message lists those there are.
    """
    complete = store.found(conn_id).complete
    for backup in reversed(complete):
        if name in (None, "", backup.name):
            return backup
    there = ", ".join(backup.name for backup in complete[-_SHOWN:]) or "none"
    raise BackupRefused(f"{conn_id} has no complete backup {name or ''}; there are: {there}")


def restore_drill(store: BackupStore, backup: BackupId, settings: Settings) -> Drill:
    """Restore a backup into a database of its own, compare it with its manifest, drop the database.

    :raises BackupRefused: the backup is cut short, changed or not ours.
    :raises RestoreDiffers: a table came back otherwise; the message names it.
    """
    began = time.monotonic()
    manifest = store.read_manifest(backup)
    program = programs.find("pg_restore", manifest.server_version, settings.pg_bin)
    with TemporaryDirectory(prefix="regendata-") as folder:
        store.download(manifest, Path(folder))
        with (
            connect(backup.conn_id) as conn,
            programs.target_of(backup.conn_id) as target,
            _scratch(conn, backup) as name,
        ):
            restore(program, target.of(name), Path(folder))
            _compare(manifest, target.of(name))
    return Drill(manifest, time.monotonic() - began)


def restore(program: str, target: Target, folder: Path) -> None:
    """Fill an empty database. Roles of the dump need not exist: everything belongs to who restores.

    :param folder: with the archives of one backup.
    :raises BackupFailed: pg_restore ended with an error.
    """
    options = ["--exit-on-error", "--no-owner", "--no-privileges", "--no-password", f"--jobs={_JOBS}"]
    with _session(target) as conn:
        # The dump makes it again, with its comments.
        conn.execute("DROP SCHEMA public")
    for path in (folder / name for name in (WHOLE, *ARCHIVES)):
        if path.exists():
            done = subprocess.run(
                [program, *options, f"--dbname={target.database}", str(path)],
                capture_output=True,
                text=True,
                env=target.environment,
            )
            programs.check_ended("pg_restore", done.returncode, done.stderr)


@contextmanager
def _scratch(conn: PgConnection, backup: BackupId) -> Iterator[str]:
    """A database nobody knows of; what an earlier drill left is dropped as well."""
    name = f"{SCRATCH}{backup.conn_id}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    conn.execute(drop)
    conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        conn.execute(
            sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name))
        )
        yield name
    finally:
        conn.execute(drop)


def _compare(manifest: Manifest, target: Target) -> None:
    with _session(target) as conn, conn.transaction():
        restored = facts.tables(conn, facts.schemas(conn))
    found = list(differences(manifest.tables, restored))
    if found:
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise RestoreDiffers(f"{manifest.backup}: {'; '.join(found[:_SHOWN])}{more}")


@contextmanager
def _session(target: Target) -> Iterator[PgConnection]:
    given = {name: target.environment[key] for key, name in _NAMES.items() if key in target.environment}
    with psycopg.connect(make_conninfo(dbname=target.database, **given), autocommit=True) as conn:
        yield conn
