"""The pages inside Airflow as a browser meets them: Airflow's API server, logins, and a proxy that is one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import requests

from regendata import paths
from sandbox.answering import wait_for_answer
from sandbox.state import choose_port

PASSWORDS = {"admin": "of-the-admin", "viewer": "of-the-viewer"}
DAGS = ("rollback", "grants_every_4_hours", "cdr_market_promote", "mev_boost_backload")
_KEPT = ("Content-Type", "Content-Security-Policy", "Location", "Cache-Control")


@dataclass(frozen=True)
class House:
    """A running API server."""

    url: str

    def token(self, user: str) -> str:
        """What Airflow gives a user for the password."""
        login = {"username": user, "password": PASSWORDS[user]}
        reply = requests.post(f"{self.url}/auth/token", json=login, timeout=30)
        return str(reply.json()["access_token"])

    def ask(self, path: str, user: str | None = "viewer", method: str = "GET") -> requests.Response:
        """A request as a user, or as nobody."""
        headers = {"Authorization": f"Bearer {self.token(user)}"} if user else {}
        return requests.request(method, self.url + path, headers=headers, timeout=60, allow_redirects=False)


@contextmanager
def house(folder: Path, settings: Mapping[str, str]) -> Iterator[House]:
    """Airflow's API server with our plugin and DAGs.

    :param settings: variables besides its own, such as connections.
    """
    port = choose_port(set())
    files = [str(paths.REPOSITORY / "dags" / f"{name}.py") for name in DAGS]
    command = [sys.executable, "-m", "tests.support.house_server", "--port", str(port), "--dags", *files]
    with open(folder / "house.log", "wb") as log:
        process = subprocess.Popen(
            command, env=os.environ | _environment(folder) | dict(settings), stdout=log, stderr=log
        )
    try:
        wait_for_answer(f"http://127.0.0.1:{port}/api/v2/version", process, folder / "house.log")
        yield House(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=30)


def _environment(folder: Path) -> dict[str, str]:
    passwords = folder / "passwords.json"
    passwords.write_text(json.dumps(PASSWORDS), encoding="utf-8")
    own = {
        "CORE__PLUGINS_FOLDER": str(paths.REPOSITORY / "plugins"),
        "CORE__DAGS_FOLDER": str(paths.REPOSITORY / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{name}" for name in PASSWORDS),
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "API_AUTH__JWT_SECRET": "of-this-test" * 6,
        "API__SECRET_KEY": "of-this-test" * 3,
    }
    return {
        "AIRFLOW_HOME": str(folder),
        "PYTHONPATH": f"{paths.REPOSITORY}:{paths.REPOSITORY / 'plugins'}",
        **{f"AIRFLOW__{name}": value for name, value in own.items()},
    }


@contextmanager
def signed_in(target: House, user: str) -> Iterator[str]:
    """Address of a proxy that logs every request in: a browser of one command has no other way to."""
    token = target.token(user)

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            reply = requests.request(
                self.command,
                target.url + self.path,
                headers={
                    "Authorization": f"Bearer {token}",
                    "Content-Type": self.headers.get("Content-Type") or "",
                },
                data=self.rfile.read(length),
                timeout=60,
            )
            self.send_response(reply.status_code)
            for name in (name for name in _KEPT if name in reply.headers):
                self.send_header(name, reply.headers[name])
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def rows_read(dsn: str) -> dict[str, tuple[int, int]]:
    """Table of `meta` -> rows read one after the other, and rows found by an index, since it was created."""
    query = (
        "SELECT relname, seq_tup_read, coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables "
        "WHERE schemaname = 'meta'"
    )
    with psycopg.connect(dsn) as connection:
        return {name: (sequential, found) for name, sequential, found in connection.execute(query)}
