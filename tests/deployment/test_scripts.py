"""The deployment's scripts, run for real."""

from __future__ import annotations

import base64
import http.server
import importlib.util
import json
import re
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from regendata import paths
from tests.support.deployment import BASH_ENVIRONMENT, made_secrets

SCRIPTS = paths.REPOSITORY / "infra" / "docker"
SHOW = ["bash", "-c", 'printf "%s|" "$KEY_OF_TEST" "$AIRFLOW_CONN_X" "$#"', "name"]


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _entrypoint(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**BASH_ENVIRONMENT, "SECRETS_FOLDER": str(folder), "KEY_OF_TEST": "", "AIRFLOW_CONN_X": ""}
    return subprocess.run(
        [str(SCRIPTS / "entrypoint.sh"), *command], capture_output=True, text=True, env=environment
    )


def test_secrets_of_files_reach_the_command(tmp_path: Path) -> None:
    (tmp_path / "KEY_OF_TEST").write_text("a b'$(id)`\"\n")
    (tmp_path / "connections.env").write_text('# why\nAIRFLOW_CONN_X=\'{"password": "p$w"}\'\n')
    (tmp_path / "lower_case").write_text("not a variable")
    done = _entrypoint(tmp_path, *SHOW, "one", "two words")
    assert (done.returncode, done.stdout) == (0, 'a b\'$(id)`"|{"password": "p$w"}|2|')


def test_an_empty_secret_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "KEY_OF_TEST").touch()
    done = _entrypoint(tmp_path, *SHOW)
    assert (done.returncode, done.stdout, done.stderr) == (
        78,
        "",
        "entrypoint: secret KEY_OF_TEST is empty\n",
    )


def test_without_a_folder_or_a_command(tmp_path: Path) -> None:
    assert _entrypoint(tmp_path / "none", *SHOW).returncode == 0
    assert _entrypoint(tmp_path).returncode == 64


def test_the_command_takes_the_place_of_the_script(tmp_path: Path) -> None:
    """So that SIGTERM arrives: nobody stands between."""
    done = subprocess.Popen(
        [str(SCRIPTS / "entrypoint.sh"), "bash", "-c", "echo $$"],
        stdout=subprocess.PIPE,
        text=True,
        env=BASH_ENVIRONMENT,
    )
    assert done.communicate()[0].strip() == str(done.pid)


def test_secrets_are_made_once_and_nobody_else_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first = made_secrets(folder)
    assert made_secrets(folder) == first
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    passwords = [text for name, text in first.items() if name.endswith("_password")]
    assert len(set(passwords)) == len(passwords) == 8
    assert all(re.fullmatch(r"[0-9a-f]{48}", one) for one in passwords)
    assert len(base64.urlsafe_b64decode(first["airflow_fernet_key"])) == 32
    assert len(first["airflow_jwt_secret"]) >= 64
    assert f"airflow:{first['airflow_password']}@postgres" in first["airflow_database_url"]


def test_connections_are_ready_but_for_what_only_the_operator_knows(tmp_path: Path) -> None:
    made = made_secrets(tmp_path / "secrets")
    lines = dict(line.split("=", 1) for line in made["connections.env"].splitlines())
    assert made["grants_owner_password"] in lines["AIRFLOW_CONN_GRANTS_DB"]
    assert made["metabase_password"] in lines["AIRFLOW_CONN_METABASE_DB"]
    assert "PASSWORD@" not in made["connections.env"]
    assert made["grants_owner_password"] not in made["public_api_connections.env"]
    assert made["public_api_password"] in made["public_api_connections.env"]


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()
        self.wfile.write(
            json.dumps({"scheduler": {"status": "healthy"}, "triggerer": {"status": "unhealthy"}}).encode()
        )

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def health_url() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "component", "problem"),
    [
        ("/health", None, None),
        ("/health", "scheduler", None),
        ("/health", "triggerer", "triggerer: unhealthy"),
        ("/health", "dag_processor", "dag_processor: unknown"),
        ("/gone", None, "503"),
    ],
)
def test_healthcheck(health_url: str, path: str, component: str | None, problem: str | None) -> None:
    found = _load("healthcheck").problem(health_url + path, component)
    assert found is None if problem is None else problem in str(found)


def test_healthcheck_of_a_port_where_nobody_listens() -> None:
    assert "refused" in str(_load("healthcheck").problem("http://127.0.0.1:9/health"))


def test_the_first_administrator_is_made_once() -> None:
    made: list[tuple[Any, ...]] = []
    security = SimpleNamespace(
        find_user=lambda username: username if made else None,
        find_role=lambda name: f"role {name}",
        add_user=lambda *who, password: made.append((*who, password)) or True,
    )
    create = _load("first_admin").create
    assert [create(security, "admin", "secret"), create(security, "admin", "other")] == [True, False]
    assert made == [("admin", "admin", "administrator", "admin@localhost", "role Admin", "secret")]
