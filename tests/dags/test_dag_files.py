"""DAGs that tasks find read, and read again once a file changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import BundleDagBag
from airflow.dag_processing.importers import DagImporterRegistry

from regendata import dag_files, paths

ONE = """
from airflow.sdk import DAG
from airflow.providers.standard.operators.empty import EmptyOperator

with DAG("one", description={text!r}):
    EmptyOperator(task_id="task")
"""


class Bundle:
    """A folder of DAGs as Airflow's manager lists it."""

    name = "dags-folder"

    def __init__(self, path: Path, supports_versioning: bool = False) -> None:
        self.path = path
        self.supports_versioning = supports_versioning


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """A folder with one DAG, an include folder beside it, and a registry that is forgotten afterwards."""
    found = Bundle(tmp_path / "dags")
    for folder in (found.path, tmp_path / "include" / "sql"):
        folder.mkdir(parents=True)
    (found.path / "one.py").write_text(ONE.format(text="first"))
    monkeypatch.setattr(paths, "INCLUDE", tmp_path / "include")
    monkeypatch.setattr(DagBundlesManager, "get_all_dag_bundles", lambda _: [found])
    monkeypatch.setattr(DagImporterRegistry, "_instance", None)
    return found


def read(bundle: Bundle) -> BundleDagBag:
    """What a task does, from its start to its DAG."""
    return BundleDagBag(
        dag_folder=os.fspath(Path(bundle.path, "one.py")),
        safe_mode=False,
        load_op_links=False,
        bundle_path=bundle.path,
        bundle_name=bundle.name,
    )


def test_a_task_finds_its_dag_read(bundle: Bundle) -> None:
    dag_files.remember_all()
    first, second = read(bundle).dags["one"], read(bundle).dags["one"]
    assert first is second
    assert first.relative_fileloc == "one.py"
    assert first.task_ids == ["task"]


@pytest.mark.parametrize("changed", ["dags/one.py", "dags/beside.py", "include/sql/view.sql"])
def test_a_file_that_changes_or_comes_is_read(bundle: Bundle, changed: str) -> None:
    dag_files.remember_all()
    before = read(bundle).dags["one"]
    (bundle.path.parent / changed).write_text(ONE.format(text="second"))
    after = read(bundle).dags["one"]
    assert after is not before
    assert after.description == ("second" if changed == "dags/one.py" else "first")


def test_while_files_come_and_go_each_task_reads(bundle: Bundle) -> None:
    dag_files.remember_all()
    before = read(bundle).dags["one"]
    (bundle.path / "gone.txt").symlink_to(bundle.path / "nowhere")
    assert read(bundle).dags["one"] is not before


def test_a_file_with_an_error_is_read_by_each_task(bundle: Bundle) -> None:
    (bundle.path / "one.py").write_text("from airflow.sdk import DAG\n1 / 0\n")
    dag_files.remember_all()
    assert "division by zero" in str(read(bundle).import_errors)


def test_a_bundle_with_versions_is_left_alone(bundle: Bundle) -> None:
    bundle.supports_versioning = True
    dag_files.remember_all()
    assert read(bundle).dags["one"] is not read(bundle).dags["one"]
