"""What a backup holds, as its manifest says, and what a restored one may differ in: nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from regendata.backups.keys import WHOLE, BackupId
from regendata.exceptions import BackupRefused

FORMAT, FIRST_FORMAT = "regendata-backup/2", "regendata-backup/1"
#: First bytes of pg_dump's custom format.
MAGIC = b"PGDMP"


@dataclass(frozen=True)
class TableFacts:
    """Rows of a table, or of a materialized view.

    :param digest: sum of a 64-bit hash of every row as text; None for a materialized view, which a restore
        computes anew, so that its sums of floats may come in another order.
    """

    rows: int
    digest: str | None


@dataclass(frozen=True)
class Archive:
    """One file of pg_dump, in its custom format; ``size`` in bytes."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """One complete backup.

    :param archives: by name.
    :param tables: facts by quoted name, of the very snapshot that was dumped.
    :param left_out: definition of each view on foreign tables, and relations of builds not in use, with
        that reason; all come back with the next refresh.
    """

    backup: BackupId
    database: str
    server_version: int
    archives: Mapping[str, Archive]
    tables: Mapping[str, TableFacts]
    left_out: Mapping[str, str]

    @property
    def size(self) -> int:
        """Bytes of all archives."""
        return sum(archive.size for archive in self.archives.values())

    @property
    def rows(self) -> int:
        return sum(facts.rows for facts in self.tables.values())

    def to_json(self) -> bytes:
        """The manifest as its object holds it."""
        body = {
            "format": FORMAT,
            "folder": self.backup.folder,
            "database": self.database,
            "server_version": self.server_version,
            "archives": {name: asdict(archive) for name, archive in self.archives.items()},
            "tables": {name: asdict(facts) for name, facts in self.tables.items()},
            "left_out": dict(self.left_out),
        }
        return json.dumps(body, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, backup: BackupId, body: bytes) -> Manifest:
        """Read it back.

        :raises BackupRefused: it is no manifest of ours, or that of another backup.
        """
        given = _parsed(backup, body)
        if given["folder"] != backup.folder:
            raise BackupRefused(f"{backup.manifest} belongs to {given['folder']}")
        tables = {name: TableFacts(one["rows"], one["digest"]) for name, one in given["tables"].items()}
        return cls(
            backup,
            given["database"],
            given["server_version"],
            {name: Archive(**archive) for name, archive in given["archives"].items()},
            tables,
            given["left_out"],
        )


def _parsed(backup: BackupId, body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except ValueError as error:
        raise BackupRefused(f"{backup.manifest} is no JSON: {error}") from error
    if isinstance(given, dict) and given.get("format") == FIRST_FORMAT:
        given = _of_first_format(given)
    needed = {"format", "folder", "database", "server_version", "archives", "tables", "left_out"}
    if not isinstance(given, dict) or given.get("format") != FORMAT or not needed <= set(given):
        raise BackupRefused(f"{backup.manifest} is no manifest of {FORMAT}")
    return given


def _of_first_format(given: Mapping[str, Any]) -> dict[str, Any]:
    """Backups made by an earlier version are kept for weeks; they had everything in one archive."""
    archive = {"size": given.get("size"), "sha256": given.get("sha256")}
    folder = str(given.get("key", "")).removesuffix(WHOLE)
    return {**given, "format": FORMAT, "folder": folder, "archives": {WHOLE: archive}}


def differences(expected: Mapping[str, TableFacts], restored: Mapping[str, TableFacts]) -> Iterator[str]:
    """What a restored database has otherwise, a line per table."""
    for name in sorted({*expected, *restored}):
        before, after = expected.get(name), restored.get(name)
        if before is None or after is None:
            yield f"{name} is {'missing' if after is None else 'not in the manifest'}"
        elif before.rows != after.rows:
            yield f"{name} has {after.rows} rows instead of {before.rows}"
        elif before.digest != after.digest:
            yield f"{name} has other rows than were backed up"
