"""One database with all source tables; every test fills and builds in a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.bootstrap import ANALYSTS, OWNER, WAREHOUSE
from sandbox.layout import Sandbox
from tests.postgres.models import rows
from tests.postgres.models.model_warehouse import ModelWarehouse
from tests.support import databases


@pytest.fixture(scope="session")
def model_warehouse(postgres_cluster: Sandbox) -> Iterator[ModelWarehouse]:
    """Empty source tables but for two chains: Ethereum and the test network Sepolia."""
    with databases.clone(postgres_cluster, WAREHOUSE, OWNER, [ANALYSTS]) as name:
        warehouse = ModelWarehouse(postgres_cluster.dsn(name, OWNER))
        with warehouse.connection:
            warehouse.insert("reference.chains", rows.chain(), rows.SEPOLIA)
            yield warehouse


@pytest.fixture
def models(model_warehouse: ModelWarehouse) -> Iterator[ModelWarehouse]:
    with model_warehouse.forgotten():
        yield model_warehouse


@pytest.fixture
def one_donation(models: ModelWarehouse) -> ModelWarehouse:
    """One round, one application and one donation of 4.56 USD to it, live."""
    models.insert("landing.indexer_rounds", rows.round_())
    models.insert("landing.indexer_applications", rows.application())
    models.insert("landing.indexer_donations", rows.donation())
    return models
