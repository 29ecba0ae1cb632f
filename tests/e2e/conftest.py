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
    """Mark what needs the real scheduler, and run it last: Airflow takes its share of the machine."""
    for item in items:
        if _needs_airflow(item):
            item.add_marker(pytest.mark.e2e)
    items.sort(key=_needs_airflow)


def _needs_airflow(item: pytest.Item) -> bool:
    return HERE in item.path.parents


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[RunningSandbox]:
    """Servers, sources at a small scale, and Airflow; stopped at the end whatever happened."""
    with temporary_sandbox() as sandbox:
        try:
            yield bring_up(sandbox)
        finally:
            life.down(sandbox)


@pytest.fixture(scope="session")
def landed_sandbox(running_sandbox: RunningSandbox) -> RunningSandbox:
    """Static data loaded and one daily run through: all that the refresh does not land by itself."""
    running_sandbox.stand_ins.reset()
    for dag_id in ("grants_static_data", "grants_every_day"):
        result = running_sandbox.run_dag(dag_id)
        assert result.succeeded, running_sandbox.explain(result)
    return running_sandbox


@pytest.fixture(scope="session")
def loaded(landed_sandbox: RunningSandbox) -> RunningSandbox:
    """Everything landed, and one refresh published."""
    first = landed_sandbox.run_dag("grants_every_4_hours")
    assert first.succeeded, landed_sandbox.explain(first)
    return landed_sandbox


@pytest.fixture
def airflow_stack(running_sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    """The running sandbox without trouble, and without any trouble a test leaves."""
    running_sandbox.stand_ins.reset()
    yield running_sandbox
    running_sandbox.stand_ins.reset()
