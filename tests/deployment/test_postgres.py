"""A new cluster of the compose file gets what the sandbox's clusters get, from scripts of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from regendata import paths
from sandbox import postgres
from sandbox.bootstrap import (
    ANALYST,
    ANALYSTS,
    API_READER,
    LOGINS,
    METADATA,
    OWNER,
    SOURCES,
    TWEETS_READER,
    WAREHOUSE,
)
from sandbox.layout import HOST, Sandbox
from sandbox.temporary import temporary_sandbox
from tests.support.deployment import BASH_ENVIRONMENT, made_secrets

FOLDER = paths.REPOSITORY / "infra" / "postgres"
#: Readers of sources are other people's roles: sources have servers of their own.
OWN = sorted({ANALYSTS, *LOGINS} - {*SOURCES.values(), TWEETS_READER})
_ROLES = """
SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication
FROM pg_roles WHERE rolname = ANY(%s) ORDER BY 1
"""
_MEMBERS = """
SELECT m.roleid::regrole::text, m.member::regrole::text, m.admin_option, m.inherit_option, m.set_option
FROM pg_auth_members AS m
WHERE m.member::regrole::text = ANY(%s) AND m.grantor::regrole::text = 'postgres' ORDER BY 1, 2
"""
_DATABASES = """
SELECT datname, datdba::regrole::text, datacl::text FROM pg_database WHERE datname = ANY(%s) ORDER BY 1
"""
_INSIDE = """
SELECT (SELECT fdwacl::text FROM pg_foreign_data_wrapper WHERE fdwname = 'postgres_fdw'),
  (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public')
"""


def _state(sandbox: Sandbox) -> dict[str, Any]:
    with psycopg.connect(sandbox.dsn("postgres")) as conn:
        found: dict[str, Any] = {
            "roles": conn.execute(_ROLES, [OWN]).fetchall(),
            "members": conn.execute(_MEMBERS, [OWN]).fetchall(),
            "databases": conn.execute(_DATABASES, [[WAREHOUSE, METADATA]]).fetchall(),
        }
    with psycopg.connect(sandbox.dsn(WAREHOUSE)) as conn:
        found["inside"] = conn.execute(_INSIDE).fetchall()
    return found


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    """A cluster with nothing in it, and a folder of secrets."""
    secrets = tmp_path_factory.mktemp("deployment") / "secrets"
    made_secrets(secrets)
    with temporary_sandbox() as sandbox:
        postgres.start(sandbox, durable=False)
        yield sandbox, secrets


def _init(sandbox: Sandbox, secrets: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **BASH_ENVIRONMENT,
        "PATH": f"{postgres.installation() / 'bin'}:{BASH_ENVIRONMENT['PATH']}",
        "SECRETS_FOLDER": str(secrets),
        "INIT_SQL": str(FOLDER / "init.sql"),
        "PGHOST": HOST,
        "PGPORT": str(sandbox.port("postgres")),
        "PGPASSWORD": sandbox.secret("postgres_postgres"),
    }
    return subprocess.run([str(FOLDER / "init.sh")], capture_output=True, text=True, env=environment)


def test_a_new_cluster_is_like_the_sandbox(fresh: tuple[Sandbox, Path], postgres_cluster: Sandbox) -> None:
    sandbox, secrets = fresh
    assert _init(sandbox, secrets) == _done()
    first = _state(sandbox)
    assert _init(sandbox, secrets) == _done()
    assert _state(sandbox) == first == _state(postgres_cluster)


class _done:
    """Equal to a process that ended well and said nothing."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, subprocess.CompletedProcess) and (
            (other.returncode, other.stdout, other.stderr) == (0, "", "")
        )

    def __hash__(self) -> int:
        return 0


def test_passwords_of_the_files_are_those_of_the_roles(fresh: tuple[Sandbox, Path]) -> None:
    sandbox, secrets = fresh
    for role, database in (
        (OWNER, WAREHOUSE),
        (ANALYST, WAREHOUSE),
        (API_READER, WAREHOUSE),
        ("metabase_app", "metabase_app"),
    ):
        password = (secrets / f"{role}_password").read_text(encoding="utf-8").strip()
        with psycopg.connect(
            host=HOST, port=sandbox.port("postgres"), user=role, password=password, dbname=database
        ) as conn:
            assert conn.execute("SELECT current_user").fetchone() == (role,)


def test_a_missing_password_is_named(fresh: tuple[Sandbox, Path], tmp_path: Path) -> None:
    done = _init(fresh[0], tmp_path)
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr == f"init: {tmp_path}/grants_owner_password is missing or empty\n"


def test_the_server_understands_its_settings(fresh: tuple[Sandbox, Path]) -> None:
    """`postgres -C` reads the whole file and refuses what it does not know."""
    environment = {**BASH_ENVIRONMENT, "PGDATA": str(fresh[0].pgdata)}
    arguments = ["-C", "shared_buffers", f"--config-file={FOLDER / 'postgresql.conf'}"]
    done = subprocess.run(
        [postgres.program("postgres"), *arguments], capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "196608", "")
