"""Life of the cluster: start, crash, start again, and the roles it is born with."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox import bootstrap, postgres
from sandbox.exceptions import PostgresError, ServerUserError, StateLost
from sandbox.layout import Sandbox
from sandbox.postgres import settings
from sandbox.system_user import open_way, server_user
from sandbox.temporary import temporary_sandbox

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Sandbox]:
    """A cluster these tests may kill."""
    with temporary_sandbox() as sandbox:
        postgres.start(sandbox, durable=False)
        bootstrap.bootstrap(sandbox)
        yield sandbox


@pytest.fixture
def cluster(own_cluster: Sandbox) -> Sandbox:
    postgres.start(own_cluster, durable=False)
    return own_cluster


def query(sandbox: Sandbox, statement: str) -> object:
    with psycopg.connect(sandbox.dsn("postgres")) as connection:
        row = connection.execute(statement).fetchone()
    return row and row[0]


def test_starting_a_running_cluster_changes_nothing(cluster: Sandbox) -> None:
    before = postgres.postmaster(cluster)
    postgres.start(cluster)
    assert postgres.postmaster(cluster) == before


def test_cluster_killed_under_a_running_query_recovers_what_was_committed(cluster: Sandbox) -> None:
    busy = psycopg.connect(cluster.dsn("airflow"), autocommit=True)
    busy.execute("CREATE TABLE survives AS SELECT 42 AS answer")
    busy.pgconn.send_query(b"SELECT pg_sleep(600)")
    main = postgres.postmaster(cluster)
    assert main is not None
    os.kill(main.pid, signal.SIGKILL)
    main.wait(5)
    assert postgres.postmaster(cluster) is None
    postgres.start(cluster, durable=False)
    with psycopg.connect(cluster.dsn("airflow"), autocommit=True) as connection:
        assert connection.execute("SELECT answer FROM survives").fetchone() == (42,)
        connection.execute("DROP TABLE survives")
    busy.close()


def test_pid_file_of_another_process_is_no_running_server(cluster: Sandbox) -> None:
    postgres.stop(cluster)
    (cluster.pgdata / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert postgres.postmaster(cluster) is None
    postgres.start(cluster, durable=False)
    assert query(cluster, "SELECT 1") == 1


def test_stop_says_whether_there_was_something_to_stop(cluster: Sandbox) -> None:
    assert postgres.stop(cluster)
    assert not postgres.stop(cluster)
    assert not postgres.is_ready(cluster)


def test_port_taken_meanwhile_is_chosen_again(cluster: Sandbox) -> None:
    postgres.stop(cluster)
    before = cluster.port("postgres")
    with socket.create_server(("127.0.0.1", before)):
        postgres.start(cluster, durable=False)
    assert cluster.port("postgres") != before
    assert query(cluster, "SELECT 1") == 1


def test_passwords_are_demanded(cluster: Sandbox) -> None:
    wrong = cluster.dsn("Grants", "grants_owner").replace(cluster.secret("postgres_grants_owner"), "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_bootstrap_may_run_again_and_takes_a_new_password(cluster: Sandbox) -> None:
    with cluster.state.edit("secrets") as secrets:
        secrets["postgres_metabase"] = "rotated"
    bootstrap.bootstrap(cluster)
    with psycopg.connect(cluster.dsn("Grants", "metabase")) as connection:
        row = connection.execute("SELECT pg_has_role('grants_analyst', 'USAGE')").fetchone()
    assert row == (True,)


@pytest.mark.parametrize(
    ("database", "role"),
    [
        ("Grants", "indexer_reader"),
        ("indexer", "maci_reader"),
        ("indexer", "grants_owner"),
        ("airflow", "metabase"),
    ],
)
def test_roles_stay_out_of_each_others_databases(cluster: Sandbox, database: str, role: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(cluster.dsn(database, role))


def test_lost_passwords_are_named_with_the_way_out(cluster: Sandbox) -> None:
    postgres.stop(cluster)
    kept = cluster.state.path.read_text()
    cluster.state.path.unlink()
    try:
        with pytest.raises(StateLost, match=f"lost the passwords of .*: remove {cluster.root}"):
            postgres.start(cluster)
    finally:
        cluster.state.path.write_text(kept)


def test_refused_start_shows_the_servers_own_words(cluster: Sandbox) -> None:
    postgres.stop(cluster)
    control = cluster.pgdata / "global" / "pg_control"
    hidden = control.rename(control.with_name("pg_control.hidden"))
    try:
        with pytest.raises(PostgresError, match="pg_control"):
            postgres.start(cluster)
    finally:
        hidden.rename(control)


def test_interrupted_initdb_leaves_no_half_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "program", lambda name: "/bin/false")
    sandbox = Sandbox(tmp_path)
    with pytest.raises(PostgresError, match="initdb failed"):
        postgres.start(sandbox)
    assert not sandbox.pgdata.exists()


@pytest.mark.parametrize(("memory", "buffers"), [(400, "64MB"), (4096, "512MB"), (64_000, "1024MB")])
def test_buffers_follow_the_machines_memory(memory: int, buffers: str) -> None:
    assert settings(5432, memory, durable=True)["shared_buffers"] == buffers


def test_only_a_throw_away_cluster_skips_fsync() -> None:
    assert settings(5432, 1024, durable=True)["fsync"] == "on"
    assert settings(5432, 1024, durable=False)["fsync"] == "off"


def test_root_without_useradd_hears_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(name: str) -> object:
        raise KeyError(name)

    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("pwd.getpwnam", nobody)
    monkeypatch.setattr("shutil.which", lambda program: None)
    with pytest.raises(ServerUserError, match="run as an ordinary user"):
        server_user()


def test_ordinary_user_needs_no_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert server_user() is None


def test_closed_parents_let_the_server_pass_but_not_look(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    open_way(closed / "postgres", "embedded_postgres")
    assert closed.stat().st_mode & 0o777 == 0o701


def test_parents_are_left_alone_for_an_ordinary_user(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    open_way(closed / "postgres", None)
    assert closed.stat().st_mode & 0o777 == 0o700
