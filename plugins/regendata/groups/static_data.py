"""One task per static archive."""

from __future__ import annotations

from airflow.sdk import TaskGroup

from regendata.operators.landing import LandArchiveOperator
from regendata.sources.static_data import ARCHIVES, Archive


def archive_groups(system: str) -> list[TaskGroup]:
    """A group per folder of archives, such as ``cgrants``, with a task per file."""
    folders: dict[str, list[Archive]] = {}
    for archive in ARCHIVES:
        folder, _, _ = archive.stem.rpartition("/")
        folders.setdefault(folder or "names", []).append(archive)
    return [_group(folder, archives, system) for folder, archives in folders.items()]


def _group(folder: str, archives: list[Archive], system: str) -> TaskGroup:
    with TaskGroup(folder) as group:
        for archive in archives:
            LandArchiveOperator(task_id=f"load_{archive.table.label}", stem=archive.stem, system=system)
    return group
