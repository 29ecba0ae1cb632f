"""Hand-kept facts of ``include/static_data`` that decide what counts and what goes out."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from regendata import paths
from regendata.sources.cdr.market import Rules


def rules(folder: Path = paths.STATIC_DATA) -> Rules:
    """Excluded orders and methods of direct air capture."""
    return Rules(
        excluded=frozenset(row["order_id"] for row in _facts(folder / "cdr_excluded_orders.csv")),
        dac_methods=frozenset(row["method"] for row in _facts(folder / "cdr_dac_methods.csv")),
    )


def public_fields(folder: Path = paths.STATIC_DATA) -> frozenset[tuple[str, str]]:
    """Pairs of data set and field that may be published."""
    return frozenset((row["data_set"], row["field"]) for row in _facts(folder / "cdr_public_fields.csv"))


def _facts(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
