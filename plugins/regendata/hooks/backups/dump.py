"""Making a backup: one snapshot is counted, dumped, and sent while it is dumped."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from regendata.backups.keys import AFTER, BEFORE, ROWS, BackupId
from regendata.backups.manifest import Archive, Manifest
from regendata.hooks.backups import facts, programs
from regendata.hooks.backups.programs import Target
from regendata.hooks.backups.store import BackupStore
from regendata.hooks.postgres import PgConnection, connect
from regendata.settings import Settings

#: In the order they are made in: what holds published views first, close to one another.
_PARTS = {BEFORE: "--section=pre-data", AFTER: "--section=post-data", ROWS: "--data-only"}

#: Why a relation is left out, where it is not for what it reads.
OLD_BUILD = "of a build that is not in use"


@dataclass
class DumpStream:
    """pg_dump's output as a file to read from; counts and hashes what goes by.

    The end of the output is the end of the dump only when pg_dump says so: else reading raises, and the
    upload that reads is given up.
    """

    process: subprocess.Popen[bytes]
    errors: IO[bytes]
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def read(self, size: int = -1, /) -> bytes:
        """:raises BackupFailed: pg_dump ended with an error."""
        if self.process.stdout is None:
            return b""
        piece = self.process.stdout.read(size)
        if size < 0 or len(piece) < size:
            returncode = self.process.wait()
            self.errors.seek(0)
            programs.check_ended("pg_dump", returncode, self.errors.read().decode(errors="replace"))
        self.digest.update(piece)
        self.size += len(piece)
        return piece


def back_up(store: BackupStore, conn_id: str, settings: Settings, taken_at: datetime) -> Manifest:
    """Dump the database of a connection into the bucket.

    :raises BackupProgramMissing, BackupFailed, SourceUnavailable: the backup did not come to be.
    """
    backup = BackupId(conn_id, taken_at.replace(microsecond=0))
    with programs.target_of(conn_id) as target, connect(conn_id) as conn, conn.transaction():
        snapshot = _export_snapshot(conn)
        version = conn.info.server_version // 10_000
        # Reading what a view reads locks it; rolled back, the lock is given up again.
        with conn.transaction(force_rollback=True):
            schemas, left_out = facts.schemas(conn), facts.left_out(conn)
            left_out |= dict.fromkeys(facts.old_builds(conn), OLD_BUILD)
        facts.hold(conn, schemas)
        program = programs.find("pg_dump", version, settings.pg_bin)
        archives = {}
        for name, part in _PARTS.items():
            with _dumping(program, part, target, snapshot, _filters(schemas, left_out)) as dump:
                store.upload(backup.archive(name), dump)
            archives[name] = Archive(dump.size, dump.digest.hexdigest())
        tables = facts.tables(conn, schemas, left_out)
    manifest = Manifest(backup, target.database, version, archives, tables, left_out)
    store.write_manifest(manifest)
    return manifest


def _export_snapshot(conn: PgConnection) -> str:
    conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    row = conn.execute("SELECT pg_export_snapshot()").fetchone()
    return str(row[0]) if row else ""


def _filters(schemas: Sequence[str], left_out: Mapping[str, str]) -> str:
    """Text of pg_dump's file of filters. Schemas by name leave out servers and user mappings: passwords."""
    included = ['include schema "{}"'.format(name.replace('"', '""')) for name in schemas]
    return "\n".join([*included, *(f"exclude table {name}" for name in left_out), ""])


@contextmanager
def _dumping(program: str, part: str, target: Target, snapshot: str, filters: str) -> Iterator[DumpStream]:
    with TemporaryDirectory(prefix="regendata-") as folder, Path(folder, "errors").open("w+b") as errors:
        listed = Path(folder, "filters")
        listed.write_text(filters, encoding="utf-8")
        command = [program, "--format=custom", part, f"--snapshot={snapshot}", f"--filter={listed}"]
        with subprocess.Popen(
            [*command, "--no-password", "--lock-wait-timeout=60s"],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=target.environment,
        ) as process:
            try:
                yield DumpStream(process, errors)
            finally:
                # Whoever stopped reading does not wait for the rest.
                process.kill()
