"""Unit tests reach nothing outside their process: opening a network socket is an error."""

from __future__ import annotations

import os
import tempfile

import pytest_socket
from hypothesis import settings

# Airflow makes its folder as soon as it is imported; that is to be no folder of the user's.
_home = tempfile.TemporaryDirectory(prefix="regendata-airflow-")
os.environ.setdefault("AIRFLOW_HOME", _home.name)

# How long an example takes says more about the machine than about the code.
settings.register_profile("regendata", deadline=None)
settings.load_profile("regendata")


def pytest_runtest_setup() -> None:
    # Event loops talk to themselves over a Unix socket pair.
    pytest_socket.disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown() -> None:
    pytest_socket.enable_socket()
