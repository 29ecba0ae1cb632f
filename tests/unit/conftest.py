"""Unit tests reach nothing outside their process: opening a network socket is an error."""

from __future__ import annotations

import pytest_socket


def pytest_runtest_setup() -> None:
    # Event loops talk to themselves over a Unix socket pair.
    pytest_socket.disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown() -> None:
    pytest_socket.enable_socket()
