"""A local HTTP server that answers what a test says; hooks meet it over a real socket."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import pytest_socket

HOST = "127.0.0.1"


@dataclass
class Answer:
    """One HTTP answer. `length` announces another size than the body has; `wait` holds it until released."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/plain; charset=utf-8"})
    length: int | None = None
    wait: threading.Event | None = None


class Upstream(ThreadingHTTPServer):
    """Gives the same answer to whoever asks, and remembers the paths."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Handler)
        self.answer = Answer()
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        answer = self.server.answer
        self.server.asked.append(self.path)
        if answer.wait:
            answer.wait.wait(timeout=10)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def local_sockets() -> Iterator[None]:
    """Connections to this machine are allowed for one test; all others stay an error."""
    guarded = socket.socket.connect
    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts([HOST], allow_unix_socket=True)
    yield
    socket.socket.connect = guarded  # type: ignore[method-assign]


@pytest.fixture
def upstream(local_sockets: None) -> Iterator[Upstream]:
    """A running server."""
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    if server.answer.wait:
        server.answer.wait.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def indexer_api(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> Upstream:
    """The server as connection `indexer_api`, mounted below a path."""
    connection = {"conn_type": "http", "host": f"{upstream.url}/indexer"}
    monkeypatch.setenv("AIRFLOW_CONN_INDEXER_API", json.dumps(connection))
    return upstream
