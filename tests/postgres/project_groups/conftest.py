"""A warehouse to group projects in."""

from __future__ import annotations

import pytest

from tests.support.project_groups import Groups
from tests.support.warehouse import Warehouse


@pytest.fixture
def groups(warehouse: Warehouse) -> Groups:
    """Nobody applied yet."""
    return Groups(warehouse)
