"""One task per static archive."""

from __future__ import annotations

from airflow.sdk import TaskGroup

from regendata.operators.landing import LandArchiveOperator
from regendata.sources.static_data import ARCHIVES


def archive_groups(system: str) -> list[TaskGroup]:
    """A group per folder of archives, such as ``cgrants``, with a task per file."""
    folders: dict[str, list[str]] = {}
    for archive in ARCHIVES:
        folder, _, _ = archive.stem.rpartition("/")
        folders.setdefault(folder or "names", []).append(archive.stem)
    return [_group(folder, stems, system) for folder, stems in folders.items()]


def _group(folder: str, stems: list[str], system: str) -> TaskGroup:
    with TaskGroup(folder) as group:
        for stem in stems:
            LandArchiveOperator(task_id=f"load_{stem.rpartition('/')[2]}", stem=stem, system=system)
    return group
