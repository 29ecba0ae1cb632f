"""What a backup holds, as its manifest says, and what a restored one may differ in: nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from regendata.backups.keys import BackupId
from regendata.exceptions import BackupRefused

FORMAT = "regendata-backup/1"
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
class Manifest:
    """One complete backup.

    :param size: bytes of the dump.
    :param tables: facts by quoted name, of the very snapshot that was dumped.
    :param left_out: definition of each view on foreign tables; both come back with the next refresh.
    """

    backup: BackupId
    database: str
    server_version: int
    size: int
    sha256: str
    tables: Mapping[str, TableFacts]
    left_out: Mapping[str, str]

    @property
    def rows(self) -> int:
        return sum(facts.rows for facts in self.tables.values())

    def to_json(self) -> bytes:
        """The manifest as its object holds it."""
        body = {
            "format": FORMAT,
            "key": self.backup.dump,
            "database": self.database,
            "server_version": self.server_version,
            "size": self.size,
            "sha256": self.sha256,
            "tables": {name: asdict(facts) for name, facts in self.tables.items()},
            "left_out": dict(self.left_out),
        }
        return json.dumps(body, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, backup: BackupId, body: bytes) -> Manifest:
        """Read it back.

        :raises BackupRefused: it is no manifest of ours, or that of another dump.
        """
        given = _parsed(backup, body)
        if given["key"] != backup.dump:
            raise BackupRefused(f"{backup.manifest} belongs to {given['key']}")
        tables = {name: TableFacts(one["rows"], one["digest"]) for name, one in given["tables"].items()}
        return cls(
            backup,
            given["database"],
            given["server_version"],
            given["size"],
            given["sha256"],
            tables,
            given["left_out"],
        )


def _parsed(backup: BackupId, body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except ValueError as error:
        raise BackupRefused(f"{backup.manifest} is no JSON: {error}") from error
    needed = {"format", "key", "database", "server_version", "size", "sha256", "tables", "left_out"}
    if not isinstance(given, dict) or given.get("format") != FORMAT or not needed <= set(given):
        raise BackupRefused(f"{backup.manifest} is no manifest of {FORMAT}")
    return given


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
