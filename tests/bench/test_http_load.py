"""The load generator counts what it got: answers, failures, and nothing twice."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.http_load import Load, load


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answered = itertools.count()

    def do_GET(self) -> None:
        next(self.answered)
        body = b"x" * 5_000
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Lines of log would stand between results."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_every_answer_is_counted_once_and_failures_are_told(server: str) -> None:
    paths = itertools.cycle(["/", "/", "/missing"])
    before = next(_Handler.answered)
    found = load(server, lambda: next(paths), clients=3, seconds=0.3)
    assert next(_Handler.answered) - before - 1 == len(found.seconds)
    assert found.failures == pytest.approx(len(found.seconds) / 3, abs=1)
    assert found.wall_seconds >= 0.3
    assert 0 < found.median_ms <= found.p99_ms


def test_figures() -> None:
    found = Load(2.0, [0.001] * 98 + [0.5, 0.5])
    assert (found.per_second, found.median_ms) == (50, 1)
    assert 1 < found.p99_ms <= 500
