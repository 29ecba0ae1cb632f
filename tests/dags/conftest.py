"""All DAGs, loaded once and the way the DAG processor does it: no database, no scheduler."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

import pytest

from regendata import paths
from regendata.models.project import Project, read_project

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

# Airflow makes its folder as soon as it is imported; that is to be no folder of the user's.
_home = tempfile.TemporaryDirectory(prefix="regendata-airflow-")
os.environ.setdefault("AIRFLOW_HOME", _home.name)

DAG_FILES = sorted((paths.REPOSITORY / "dags").glob("*.py"))


@pytest.fixture(scope="session")
def dag_bag(tmp_path_factory: pytest.TempPathFactory) -> DagBag:
    """Every DAG of the folder `dags`; files that fail to import are its `import_errors`."""
    from airflow.dag_processing.dagbag import DagBag

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        return DagBag(dag_folder=paths.REPOSITORY / "dags", safe_mode=False)


@pytest.fixture(scope="session")
def project() -> Project:
    """The grants models as their files say, past any cache."""
    return read_project("grants", paths.models_of("grants"), paths.TABLES)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`dag_file` runs a test for each file in the folder `dags`; the exact set is a test of its own."""
    if "dag_file" in metafunc.fixturenames:
        metafunc.parametrize("dag_file", DAG_FILES, ids=[path.stem for path in DAG_FILES])
