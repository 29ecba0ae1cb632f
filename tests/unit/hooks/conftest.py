"""Hooks meet a local HTTP server over a real socket."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest
import pytest_socket

from tests.unit.hooks.upstream import HOST, Upstream


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
