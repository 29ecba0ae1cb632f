"""One sandbox with Airflow for all end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import life
from sandbox.temporary import temporary_sandbox
from tests.e2e.running import RunningSandbox, bring_up

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the real scheduler, so that `-m "not e2e"` leaves it out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="package")
def running_sandbox() -> Iterator[RunningSandbox]:
    """Servers, sources at a small scale, and Airflow; stopped after the last end-to-end test."""
    with temporary_sandbox() as sandbox:
        try:
            yield bring_up(sandbox)
        finally:
            life.down(sandbox)


@pytest.fixture
def airflow_stack(running_sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    """The running sandbox without trouble, and without any trouble a test leaves."""
    running_sandbox.stand_ins.reset()
    yield running_sandbox
    running_sandbox.stand_ins.reset()
