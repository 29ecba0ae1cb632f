"""The public API over a small published warehouse, as its own role; one database for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from regendata.api.answers import PublishedAnswers
from regendata.api.app import build
from regendata.settings import Settings
from sandbox.bootstrap import ANALYSTS, API_READER, OWNER, WAREHOUSE
from sandbox.layout import Sandbox
from tests.support import databases, published_figures
from tests.support.warehouse import Warehouse

PEOPLE = 120
ROUNDS: list[published_figures.Round] = [
    ("GG20", "GG20 OSS", 1_000.0, 2_000.0, "Arbitrum", "42161", "2024-05-07"),
    ("GG20", "GG20 Climate", 500.0, 250.5, "Optimism", "10", "2024-05-07"),
    ("GG19", "GG19 =Core", 300.0, 100.0, "Optimism", "10", "2023-11-29"),
    (None, "Somebody's round", 40.0, 0.0, "Base", "8453", "2025-01-15"),
]


def address(number: int) -> str:
    return f"0x{number:040x}"


@pytest.fixture(scope="module")
def figures(postgres_cluster: Sandbox) -> Iterator[Warehouse]:
    """120 donors, of whom some tie; four rounds; one publication."""
    guests = [ANALYSTS, API_READER]
    with (
        databases.clone(postgres_cluster, WAREHOUSE, OWNER, guests) as name,
        pytest.MonkeyPatch.context() as patch,
    ):
        warehouse = Warehouse(postgres_cluster, name)
        patch.setenv("AIRFLOW_CONN_GRANTS_DB", warehouse.dsn())
        patch.setenv("AIRFLOW_CONN_PUBLIC_API_DB", warehouse.dsn(API_READER))
        published_figures.create(warehouse)
        published_figures.add_lines(warehouse, _lines())
        published_figures.add_rounds(warehouse, ROUNDS)
        published_figures.publish(warehouse)
        yield warehouse


def _lines() -> Iterator[published_figures.Line]:
    for number in range(PEOPLE):
        name = f"per_son{number}.eth" if number % 10 == 0 else None
        yield "all", "donor", address(number), name, float(1_000 - number // 2)
        yield "2024", "donor", address(number), name, float(500 - number)
    yield "all", "grantee", address(7), "seven.eth", 4_444.25


@pytest.fixture
def app_settings() -> Settings:
    return Settings(public_api_per_minute=0)


@pytest.fixture
def api(figures: Warehouse, app_settings: Settings) -> Iterator[TestClient]:
    app = build(app_settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
    answers: PublishedAnswers | None = getattr(app.state, "published_answers", None)
    if answers is not None:
        answers.sessions.close()
