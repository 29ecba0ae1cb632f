"""Tasks that find their DAG read.

Every task reads its DAG's file again, and making the DAG of a refresh is a third of the CPU time of a short
task. `RememberingImporter` takes the place of Airflow's importer of Python files in the processes that are
forked from where it was filled. It gives what it remembers while no file of the DAGs' folder nor of
`include/` has changed since; then a file is read as ever.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.importers import DagImportResult, PythonDagImporter, get_importer_registry

from regendata import paths


class RememberingImporter(PythonDagImporter):
    """Airflow's importer of Python files, with a memory that a fork inherits.

    A task may do with a DAG what it likes: it has the memory of its own process.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Path | None], tuple[DagImportResult, str]] = {}

    def import_file(
        self,
        file_path: str | Path,
        *,
        bundle_path: Path | None = None,
        bundle_name: str | None = None,
        safe_mode: bool = True,
    ) -> DagImportResult:
        """What was read of a file before, or the file read now."""
        kept, stamp = self._kept.get((str(file_path), bundle_path), (None, None))
        if kept is not None and stamp == _stamp(bundle_path):
            return kept
        return super().import_file(
            file_path, bundle_path=bundle_path, bundle_name=bundle_name, safe_mode=safe_mode
        )

    def remember(self, file_path: str, bundle_path: Path, bundle_name: str) -> None:
        """Read a file for whoever is forked; one with errors is read again by whoever needs it."""
        stamp = _stamp(bundle_path)
        result = super().import_file(
            file_path, bundle_path=bundle_path, bundle_name=bundle_name, safe_mode=False
        )
        if result.success and stamp is not None:
            self._kept[file_path, bundle_path] = result, stamp


def remember_all() -> None:
    """Read every DAG file of every bundle that is a plain folder; versioned ones are read by each task."""
    importer = RememberingImporter()
    for bundle in DagBundlesManager().get_all_dag_bundles():
        if bundle.supports_versioning:
            continue
        for file_path in importer.list_dag_files(bundle.path):
            importer.remember(file_path, Path(bundle.path), bundle.name)
    get_importer_registry().register(importer)


def _stamp(bundle_path: Path | None) -> str | None:
    """Changes when a file comes, goes or is written; files under plugins/ are in memory anyway.

    :returns: None where a file cannot be looked at, as it may be while new ones are put in place.
    """
    folders = [folder for folder in (bundle_path, paths.INCLUDE) if folder is not None]
    try:
        return " ".join(
            f"{path}:{size}:{written}" for folder in folders for path, size, written in _files(folder)
        )
    except OSError:
        return None


def _files(folder: str | os.PathLike[str]) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files(entry.path)
        else:
            known = entry.stat()
            yield entry.path, known.st_size, known.st_mtime_ns
