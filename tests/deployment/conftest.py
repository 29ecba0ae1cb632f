"""The deployment's files, parsed once."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import pytest
import yaml

from regendata import paths

# Airflow makes its folder as soon as it is imported; that is to be no folder of the user's.
_home = tempfile.TemporaryDirectory(prefix="regendata-airflow-")
os.environ.setdefault("AIRFLOW_HOME", _home.name)


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """docker-compose.yaml, anchors and merges resolved."""
    text = (paths.REPOSITORY / "docker-compose.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


@pytest.fixture(scope="session")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Service by name."""
    return dict(compose["services"])
