"""Backups for real: pg_dump of a live database into S3, and back into a database of its own."""

from __future__ import annotations

import hashlib
import json
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest

from regendata.backups.keys import ARCHIVES, MANIFEST, ROWS, BackupId
from regendata.backups.manifest import Manifest
from regendata.exceptions import (
    BackupFailed,
    BackupProgramMissing,
    BackupRefused,
    RestoreDiffers,
    SourceUnavailable,
)
from regendata.hooks.backups import drill, dump, programs
from regendata.hooks.backups.store import BackupStore
from regendata.settings import Settings
from sandbox import env, postgres
from sandbox.bootstrap import ANALYST
from sandbox.layout import BACKUP_BUCKET
from tests.conftest import Spaces
from tests.support import databases
from tests.support.warehouse import Warehouse

NOW = datetime(2026, 11, 22, 1, 40, tzinfo=timezone.utc)
OPTIONS = Settings(pg_bin=str(postgres.installation() / "bin"))
SETUP = (
    'CREATE SCHEMA "Odd ""schema"""',
    'CREATE TABLE "Odd ""schema"""."row" (id int PRIMARY KEY, "row" jsonb, f real, t timestamptz)',
    'INSERT INTO "Odd ""schema"""."row" '
    "SELECT n, jsonb_build_object('n', n, 'x', 'é''\"'), n / 3.0, "
    "timestamptz '2026-03-29 01:30+00' + n * interval '1 h' "
    "FROM generate_series(1, 500) AS n",
    "CREATE TABLE public.empty (id int)",
    "CREATE MATERIALIZED VIEW public.sums AS SELECT count(*) AS n FROM \"Odd \"\"schema\"\"\".\"row\"",
    "CREATE VIEW public.facade AS SELECT * FROM public.sums",
    "GRANT USAGE ON SCHEMA public TO grants_analyst",
    "GRANT SELECT ON public.facade TO grants_analyst",
    "CREATE SCHEMA indexer_fdw",
    "CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere.example')",
    "CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere OPTIONS (user 'u', password 'mapping secret')",
    "CREATE FOREIGN TABLE indexer_fdw.rounds (id int) SERVER elsewhere",
    "CREATE VIEW public.live AS SELECT * FROM indexer_fdw.rounds",
    "CREATE VIEW public.live_twice AS SELECT id * 2 AS id FROM public.live",
)  # fmt: skip


@pytest.fixture
def filled(warehouse: Warehouse) -> Warehouse:
    warehouse.do(*SETUP)
    return warehouse


@pytest.fixture
def store(spaces: Spaces, monkeypatch: pytest.MonkeyPatch) -> BackupStore:
    monkeypatch.setenv("AIRFLOW_CONN_BACKUPS", env.connections(spaces.sandbox)["BACKUPS"])
    return BackupStore.of(BACKUP_BUCKET)


@pytest.fixture
def made(filled: Warehouse, store: BackupStore) -> Manifest:
    return dump.back_up(store, "grants_db", OPTIONS, NOW)


def _databases(warehouse: Warehouse) -> set[str]:
    return {name for (name,) in warehouse.rows("SELECT datname FROM pg_database")}


def _keys(store: BackupStore) -> set[str]:
    listed = store.client.list_objects_v2(Bucket=store.bucket)
    return {one["Key"] for one in listed.get("Contents", [])}


def _replace(store: BackupStore, key: str, body: bytes) -> None:
    store.client.put_object(Bucket=store.bucket, Key=key, Body=body)


def _body(store: BackupStore, key: str) -> bytes:
    return bytes(store.client.get_object(Bucket=store.bucket, Key=key)["Body"].read())


def test_a_backup_comes_back_table_by_table(filled: Warehouse, store: BackupStore, made: Manifest) -> None:
    facts = {name: one.rows for name, one in made.tables.items()}
    assert facts == {'"Odd ""schema"""."row"': 500, '"public"."empty"': 0, '"public"."sums"': 1}
    assert set(made.left_out) == {'"public"."live"', '"public"."live_twice"'}
    before = _databases(filled)
    done = drill.restore_drill(store, BackupId("grants_db", NOW), OPTIONS)
    assert done.manifest == made == store.read_manifest(made.backup)
    assert _databases(filled) == before
    assert store.found("grants_db").complete == (made.backup,)


def test_a_restore_for_real_keeps_owners_and_rights(
    filled: Warehouse, store: BackupStore, made: Manifest, tmp_path: Path
) -> None:
    """The steps of docs/backups.md, as the superuser that the guide uses."""
    cluster, name = filled.sandbox, f"{filled.database}_restored"
    store.download(made, tmp_path)
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} OWNER grants_owner TEMPLATE template0")
    try:
        with psycopg.connect(cluster.dsn(name), autocommit=True) as conn:
            conn.execute("DROP SCHEMA public")
            arguments = [
                "--role=grants_owner",
                "--exit-on-error",
                "--no-owner",
                f"--dbname={cluster.dsn(name)}",
            ]
            for archive in ARCHIVES:
                command = [f"{OPTIONS.pg_bin}/pg_restore", *arguments, str(tmp_path / archive)]
                subprocess.run(command, check=True)
            conn.execute("CREATE EXTENSION postgres_fdw")
            owners = (
                "SELECT DISTINCT relowner::regrole::text FROM pg_class "
                "WHERE relname IN ('row', 'sums', 'facade')"
            )
            assert conn.execute(owners).fetchall() == [("grants_owner",)]
        with psycopg.connect(cluster.dsn(name, ANALYST)) as conn:
            assert conn.execute("SELECT n FROM public.facade").fetchone() == (500,)
    finally:
        databases.drop(cluster, name)


def test_no_password_is_in_a_backup(store: BackupStore, made: Manifest, tmp_path: Path) -> None:
    store.download(made, tmp_path)
    listed = "".join(
        subprocess.run(
            [f"{OPTIONS.pg_bin}/pg_restore", "--list", str(tmp_path / name)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in made.archives
    )
    assert "MATERIALIZED VIEW public sums" in listed
    assert not any(kind in listed for kind in ("SERVER", "USER MAPPING", "FOREIGN TABLE"))
    assert "elsewhere" not in listed
    for name in made.archives:
        assert b"mapping secret" not in _body(store, made.backup.archive(name))


def test_rows_that_come_while_it_is_dumped_are_in_neither(
    filled: Warehouse, store: BackupStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count and dump see one snapshot, so the drill finds no difference."""
    real = dump.facts.tables

    def later(*given: Any) -> Any:
        filled.do('INSERT INTO "Odd ""schema"""."row" VALUES (9999, NULL, NULL, NULL)')
        return real(*given)

    monkeypatch.setattr(dump.facts, "tables", later)
    made = dump.back_up(store, "grants_db", OPTIONS, NOW)
    assert made.tables['"Odd ""schema"""."row"'].rows == 500
    monkeypatch.setattr(dump.facts, "tables", real)
    assert drill.restore_drill(store, made.backup, OPTIONS).manifest.rows == 501


def test_a_dump_that_was_tampered_with_is_refused_before_it_runs(
    filled: Warehouse, store: BackupStore, made: Manifest
) -> None:
    key = made.backup.archive(ROWS)
    whole = _body(store, key)
    wrong = {
        f"has {len(whole) - 1} bytes instead of {len(whole)}": whole[:-1],
        "was changed: its sha256 is another": whole[:-1] + bytes([whole[-1] ^ 1]),
    }
    before = _databases(filled)
    for reason, body in wrong.items():
        _replace(store, key, body)
        with pytest.raises(BackupRefused, match=f"^s3://{store.bucket}/{key} {reason}"):
            drill.restore_drill(store, made.backup, OPTIONS)
    assert _databases(filled) == before


def test_something_else_under_a_dumps_name_is_refused(store: BackupStore, made: Manifest) -> None:
    body = b"x" * made.archives[ROWS].size
    _replace(store, made.backup.archive(ROWS), body)
    given = json.loads(_body(store, made.backup.manifest))
    given["archives"][ROWS]["sha256"] = hashlib.sha256(body).hexdigest()
    _replace(store, made.backup.manifest, json.dumps(given).encode())
    with pytest.raises(BackupRefused, match="is no dump of pg_dump's custom format"):
        drill.restore_drill(store, made.backup, OPTIONS)


def test_a_restore_that_differs_is_told_by_table(
    filled: Warehouse, store: BackupStore, made: Manifest
) -> None:
    given = json.loads(_body(store, made.backup.manifest))
    given["tables"]['"Odd ""schema"""."row"']["digest"] = "1"
    _replace(store, made.backup.manifest, json.dumps(given).encode())
    with pytest.raises(RestoreDiffers, match=r'"row" has other rows than were backed up$'):
        drill.restore_drill(store, made.backup, OPTIONS)
    assert not any(name.startswith(drill.SCRATCH) for name in _databases(filled))


def test_a_dump_that_fails_leaves_nothing(
    filled: Warehouse, store: BackupStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "_filters", lambda *_: "include nonsense\n")
    with pytest.raises(BackupFailed, match="pg_dump ended with 1: "):
        dump.back_up(store, "grants_db", OPTIONS, NOW)
    assert _keys(store) == set()


def test_programs_older_than_the_server_are_refused_by_name(tmp_path: Path) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.18'\n")
    old.chmod(0o755)
    with pytest.raises(BackupProgramMissing, match=rf"pg_dump of PostgreSQL 18 .* found {old} \(15\)"):
        programs.find("pg_dump", 18, str(tmp_path))
    assert programs.find("pg_dump", 15, str(tmp_path)) == str(old)
    assert programs.find("pg_dump", 18).endswith("pg_dump")


def test_no_password_on_a_command_line_or_in_the_environment(
    filled: Warehouse, store: BackupStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[list[str], dict[str, str]]] = []
    real = dump.subprocess.Popen

    def watched(command: list[str], **options: Any) -> Any:
        seen.append((command, options["env"]))
        return real(command, **options)

    monkeypatch.setattr(dump.subprocess, "Popen", watched)
    dump.back_up(store, "grants_db", OPTIONS, NOW)
    password = psycopg.conninfo.conninfo_to_dict(filled.dsn())["password"]
    assert [command[-1] for command, _ in seen] == ["--version", *["--lock-wait-timeout=60s"] * 3]
    assert str(password) not in str(seen)
    assert not any(Path(environment.get("PGPASSFILE", "/none")).exists() for _, environment in seen)


def test_a_bucket_that_is_away_is_named(
    filled: Warehouse, store: BackupStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = BackupStore("no-such-bucket", store.client)
    with pytest.raises(SourceUnavailable, match=r"^s3://no-such-bucket/backups/grants_db/"):
        dump.back_up(missing, "grants_db", OPTIONS, NOW)


def test_tasks_back_up_prove_and_remove(
    filled: Warehouse, store: BackupStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from regendata.operators.backups import (
        BACKUP,
        DATABASE,
        BackUpOperator,
        RemoveOldBackupsOperator,
        RestoreDrillOperator,
    )

    monkeypatch.setenv("REGENDATA_PG_BIN", OPTIONS.pg_bin)
    monkeypatch.setenv("REGENDATA_BACKUP_KEEP_DAILY", "1")
    monkeypatch.setenv("REGENDATA_BACKUP_KEEP_WEEKLY", "0")
    for day in (2, 1):
        dump.back_up(store, "grants_db", OPTIONS, datetime.now(timezone.utc) - timedelta(days=day))
    context: Any = {"run_id": "run", "params": {DATABASE: "grants_db", BACKUP: None}}
    made = BackUpOperator(task_id="back_up", conn_id="grants_db").execute(context)
    removed = RemoveOldBackupsOperator(task_id="remove_old", conn_id="grants_db").execute(context)
    proved = RestoreDrillOperator(task_id="drill").execute(context)
    assert (len(removed), proved["backup"]) == (2, made["backup"])
    assert _keys(store) == {f"{made['backup']}/{name}" for name in (*ARCHIVES, MANIFEST)}
    rows = filled.rows("SELECT kind, backup_key, run_id FROM meta.backup ORDER BY finished_at")
    assert rows == [("backup", made["backup"], "run"), ("drill", made["backup"], "run")]
    context["params"][BACKUP] = "20200101T000000Z"
    with pytest.raises(BackupRefused, match="no complete backup 20200101T000000Z; there are: 20"):
        RestoreDrillOperator(task_id="drill").execute(context)
