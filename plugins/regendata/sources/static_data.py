"""Archives of closed systems, loaded once, and the hand-kept facts of ``include/static_data``."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from regendata.exceptions import ArchiveChanged, ModelFileError
from regendata.models.relation import Relation
from regendata.models.tables import TableSpec

PREFIX = "static"
SUMS = f"{PREFIX}/SHA256SUMS"
FORMATS = (".parquet", ".csv")
#: sha256sum puts a star before the path of a file it read in binary mode.
_SUM = re.compile(r"(?P<digest>[0-9a-f]{64}) [ *](?:\./)?(?P<path>\S.*?)\s*")
SOURCE = "static"
REFERENCE_SOURCE = "reference"


@dataclass(frozen=True)
class Archive:
    """One archive file; ``stem`` is its path under the prefix without ending."""

    stem: str
    table: Relation


def _folder(stem: str, schema: str, *names: str) -> tuple[Archive, ...]:
    return tuple(Archive(f"{stem}/{name}", Relation(schema, name)) for name in names)


ARCHIVES = (
    *_folder(
        "indexer_chain_data_75",
        "static_indexer_chain_data_75",
        "rounds",
        "applications",
        "donations",
        "applications_payouts",
        "round_roles",
    ),
    *_folder(
        "cgrants", "public", "cgrantsContributions", "cgrantsGrants", "cgrantsRoundTimings", "cgrantsMatches"
    ),
    *_folder("alpha", "public", "AlphaRoundsAllDonations", "AlphaRoundGranteeAddresses", "AlphaMatching"),
    Archive("ens_names", Relation("landing", "ens_names")),
)


def read_sums(text: str) -> dict[str, str]:
    """``sha256sum`` lines as path -> checksum.

    :raises ArchiveChanged: for a line of another form.
    """
    sums = {}
    for number, line in enumerate(text.splitlines(), start=1):
        found = _SUM.fullmatch(line)
        if not found:
            raise ArchiveChanged(f"{SUMS}, line {number}: not `checksum  path`: {line[:80]!r}")
        sums[found["path"]] = found["digest"]
    return sums


def recorded(archive: Archive, sums: Mapping[str, str]) -> tuple[str, str]:
    """Path and recorded checksum of an archive.

    :raises ArchiveChanged: no checksum is recorded for it in any known format.
    """
    for ending in FORMATS:
        path = archive.stem + ending
        if path in sums:
            return path, sums[path]
    raise ArchiveChanged(f"{SUMS} records no checksum for {archive.stem} ({' or '.join(FORMATS)})")


def read_facts(path: Path, spec: TableSpec) -> Iterator[tuple[str | None, ...]]:
    """Rows of one hand-kept CSV in the column order of its table; an empty cell is NULL.

    :raises ModelFileError: header unlike the table, or a row with too many or too few cells.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader, [])
        if tuple(header) != spec.column_names:
            raise ModelFileError(path, f"header must be {','.join(spec.column_names)}", 1)
        for row in reader:
            if len(row) != len(header):
                raise ModelFileError(path, f"{len(row)} cells in place of {len(header)}", reader.line_num)
            yield tuple(cell or None for cell in row)
