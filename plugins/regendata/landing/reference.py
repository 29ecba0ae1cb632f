"""Land the hand-kept facts of ``include/static_data`` when a file changed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from regendata import paths
from regendata.landing.whole import WholeTable, land_whole
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.settings import Settings
from regendata.sources.rows import as_csv, fingerprint
from regendata.sources.static_data import REFERENCE_SOURCE, read_facts


def land(project: Project, run_id: str, settings: Settings) -> dict[str, Any]:
    """Load every ``include/static_data/<table>.csv`` into ``reference.<table>``."""
    tables = [_table(path, project) for path in sorted(paths.STATIC_DATA.glob("*.csv"))]
    return land_whole(REFERENCE_SOURCE, None, run_id, tables, settings)


def excluded_chains() -> list[int]:
    """Test networks, from ``include/static_data/chains.csv``; they are left out everywhere."""
    with (paths.STATIC_DATA / "chains.csv").open(encoding="utf-8", newline="") as file:
        return [int(row["chain_id"]) for row in csv.DictReader(file) if row["is_test"] == "true"]


def _table(path: Path, project: Project) -> WholeTable:
    spec = project.tables[Relation("reference", path.stem)]
    rows = list(read_facts(path, spec))
    return WholeTable(spec, fingerprint(rows), _csv_of(rows), {"file": paths.shown(path)})


def _csv_of(rows: list[tuple[str | None, ...]]) -> Callable[[], Iterable[bytes]]:
    return lambda: as_csv(rows)
