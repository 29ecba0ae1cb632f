"""Where a backup stands in its bucket: ``backups/<connection>/<time>/``, archives of pg_dump and a manifest.

Definitions and rows are dumped apart: a dump of definitions holds what views read, published views among
it, until it ends; it takes seconds. The manifest is written last: a folder without one is a backup
that did not end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

PREFIX = "backups/"
BEFORE, ROWS, AFTER = "pre-data.pgdump", "data.pgdump", "post-data.pgdump"
#: Archives of a backup, in the order of a restore: tables and views, their rows, then indexes, constraints
#: and the contents of materialized views.
ARCHIVES = (BEFORE, ROWS, AFTER)
#: The one archive of a backup of the first format.
WHOLE = "dump.pgdump"
MANIFEST = "manifest.json"
_NAMES = (*ARCHIVES, WHOLE, MANIFEST)
_COMPLETE = ({*ARCHIVES, MANIFEST}, {WHOLE, MANIFEST})
_TIME = "%Y%m%dT%H%M%SZ"
_KEY = re.compile(rf"{PREFIX}(\w+)/(\d{{8}}T\d{{6}}Z)/({'|'.join(map(re.escape, _NAMES))})")


@dataclass(frozen=True, order=True)
class BackupId:
    """One backup of one database; the latest sorts last.

    :param taken_at: when it began, in UTC, to the second.
    """

    conn_id: str
    taken_at: datetime

    @property
    def folder(self) -> str:
        return f"{PREFIX}{self.conn_id}/{self.name}/"

    @property
    def name(self) -> str:
        """The time as keys spell it, such as ``20261122T014000Z``."""
        return self.taken_at.strftime(_TIME)

    @property
    def manifest(self) -> str:
        return self.folder + MANIFEST

    def archive(self, name: str) -> str:
        """Key of one of its archives."""
        return self.folder + name

    def __str__(self) -> str:
        return self.folder.rstrip("/")


@dataclass(frozen=True)
class Found:
    """Backups a bucket holds: those with a manifest, and those that did not end."""

    complete: tuple[BackupId, ...]
    incomplete: tuple[BackupId, ...]


def sort_out(keys: Iterable[str]) -> Found:
    """Read backups from keys; a key of another form is nobody's backup and left alone."""
    files: dict[BackupId, set[str]] = {}
    for key in keys:
        if matched := _KEY.fullmatch(key):
            taken_at = datetime.strptime(matched[2], _TIME).replace(tzinfo=timezone.utc)
            files.setdefault(BackupId(matched[1], taken_at), set()).add(matched[3])
    complete = tuple(sorted(one for one, names in files.items() if names in _COMPLETE))
    return Found(complete, tuple(sorted(set(files) - set(complete))))
