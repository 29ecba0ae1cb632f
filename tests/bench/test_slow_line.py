"""The line that delays: everything arrives, in order and late, and much may be under way at once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from bench.slow_line import slow_line, through

ROUND_TRIP_MS = 60
#: Enough that one piece per round trip would take seconds.
MANY = bytes(range(256)) * 64 * 1024


@pytest.fixture
def echo() -> Iterator[int]:
    """Port of a server that sends back what it gets, until it is told that no more comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_echo_each, args=[server], daemon=True).start()
        yield server.getsockname()[1]


def _echo_each(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            while data := connection.recv(65536):
                connection.sendall(data)


def test_a_round_trip_takes_so_long_and_bandwidth_is_not_limited(echo: int) -> None:
    with slow_line(echo, ROUND_TRIP_MS) as port, socket.create_connection(("127.0.0.1", port)) as near:
        began = time.monotonic()
        near.sendall(b"?")
        assert near.recv(1) == b"?"
        round_trip = time.monotonic() - began
        assert round_trip >= ROUND_TRIP_MS / 1000

        began = time.monotonic()
        threading.Thread(target=_send_all, args=[near]).start()
        assert _received(near) == MANY
        assert time.monotonic() - began < len(MANY) / 65536 * ROUND_TRIP_MS / 1000


def _send_all(near: socket.socket) -> None:
    near.sendall(MANY)
    near.shutdown(socket.SHUT_WR)


def _received(near: socket.socket) -> bytes:
    pieces = []
    while piece := near.recv(1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def test_only_the_address_changes() -> None:
    assert through("postgresql://me:p%40ss@127.0.0.1:5432/db", 99) == "postgresql://me:p%40ss@127.0.0.1:99/db"
