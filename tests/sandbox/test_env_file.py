"""What `.sandbox/env` promises to shells and to Airflow; needs no server."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from airflow.configuration import AirflowConfigParser, conf
from airflow.sdk import Connection
from cryptography.fernet import Fernet
from psycopg.conninfo import conninfo_to_dict

from sandbox import env
from sandbox.layout import Sandbox

CONNECTIONS = [
    "GRANTS_DB",
    "INDEXER_DB",
    "MACI_DB",
    "INDEXER_API",
    "GOOGLE_SHEETS",
    "SPACES",
    "DUNE",
    "TOKENS_DB",
    "COINMARKETCAP",
]


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    return Sandbox(tmp_path / "it's a sandbox")


def sourced(path: Path) -> dict[str, str]:
    """The environment of a shell that read the file."""
    script = 'set -a; . "$1"; exec env -0'
    done = subprocess.run(
        ["sh", "-c", script, "sh", path], env={}, check=True, capture_output=True, text=True
    )
    return dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry)


def test_a_shell_reads_back_every_value(sandbox: Sandbox) -> None:
    written = env.write(sandbox)
    assert written.items() <= sourced(sandbox.env_file).items()


def test_every_line_is_single_quoted(sandbox: Sandbox) -> None:
    env.write(sandbox)
    lines = sandbox.env_file.read_text().splitlines()[1:]
    assert [line for line in lines if "='" not in line or not line.endswith("'")] == []


def test_all_connections_are_there(sandbox: Sandbox) -> None:
    assert {f"AIRFLOW_CONN_{name}" for name in CONNECTIONS} <= set(env.write(sandbox))


@pytest.mark.parametrize(
    ("name", "login", "database"),
    [
        ("GRANTS_DB", "grants_owner", "Grants"),
        ("INDEXER_DB", "indexer_reader", "indexer"),
        ("MACI_DB", "maci_reader", "maci"),
    ],
)
def test_airflow_and_libpq_read_the_same_address(
    sandbox: Sandbox, name: str, login: str, database: str
) -> None:
    uri = env.connections(sandbox)[name]
    connection = Connection.from_uri(uri, conn_id=name.lower())
    libpq = conninfo_to_dict(uri)
    assert (connection.conn_type, connection.login, connection.schema) == ("postgres", login, database)
    assert (libpq["user"], libpq["dbname"], libpq["password"]) == (login, database, connection.password)
    assert str(connection.port) == libpq["port"] == str(sandbox.port("postgres"))


@pytest.mark.parametrize(("name", "kind"), [("INDEXER_API", "http"), ("DUNE", "http"), ("SPACES", "aws")])
def test_json_connections_have_a_type_and_an_address(sandbox: Sandbox, name: str, kind: str) -> None:
    connection = json.loads(env.connections(sandbox)[name])
    assert connection["conn_type"] == kind
    assert (connection.get("host") or connection["extra"]["endpoint_url"]).startswith("http://127.0.0.1:")


def test_files_with_passwords_are_private(sandbox: Sandbox) -> None:
    env.write(sandbox)
    files = [sandbox.env_file, sandbox.state.path, sandbox.airflow_home / "passwords.json"]
    assert [oct(os.stat(path).st_mode & 0o777) for path in files] == ["0o600"] * 3


def test_second_start_keeps_ports_and_passwords(sandbox: Sandbox) -> None:
    assert env.write(sandbox) == env.write(Sandbox(sandbox.root))


def test_two_sandboxes_share_nothing(tmp_path: Path) -> None:
    first, second = (env.write(Sandbox(tmp_path / name)) for name in "ab")
    same = {name for name in first if first[name] == second[name]}
    own = [name for name in first if "CONN" in name or "PORT" in name or "KEY" in name or "SECRET" in name]
    assert own
    assert same.isdisjoint(own)


def test_every_airflow_setting_exists_in_this_airflow(sandbox: Sandbox) -> None:
    names = [name for name in env.airflow_settings(sandbox) if name != "AIRFLOW_HOME"]
    options = [name.removeprefix("AIRFLOW__").lower().split("__") for name in names]
    assert [option for option in options if not _is_known(conf, *option)] == []


def _is_known(configuration: AirflowConfigParser, section: str, key: str) -> bool:
    return key in configuration.configuration_description[section]["options"]


def test_fernet_key_is_one(sandbox: Sandbox) -> None:
    key = env.airflow_settings(sandbox)["AIRFLOW__CORE__FERNET_KEY"]
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"secret")) == b"secret"


def test_login_of_the_web_pages_is_in_airflows_password_file(sandbox: Sandbox) -> None:
    path = env.write(sandbox)["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]
    assert json.loads(Path(path).read_text()) == {"admin": env.airflow_password(sandbox)}
