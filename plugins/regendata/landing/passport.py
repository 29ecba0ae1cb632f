"""Land Passport's files from Spaces: only when their ETag changed, streamed, checked before the switch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from regendata.hooks.postgres import connect
from regendata.hooks.spaces import Fetched, SpacesHook
from regendata.hooks.warehouse.cuts import Landed, landed_tables
from regendata.landing import quarantine
from regendata.landing.columns import Tally, csv_of_good_rows, parquet_rows, text_lines
from regendata.landing.whole import WholeTable, land_whole
from regendata.models.project import Project
from regendata.models.tables import TableSpec
from regendata.settings import Settings
from regendata.sources.passport import SCORES, JsonFile, refuse_bad_share, refuse_lost_kinds


def land(
    file: JsonFile,
    project: Project,
    run_id: str,
    settings: Settings,
    accepted_losses: Collection[str] = (),
) -> dict[str, Any]:
    """Load one of Passport's files when it changed since it was landed.

    :param accepted_losses: models that may be gone.
    :returns: rows per landed table, unchanged tables, and how many rows were left out.
    :raises ContentRefused: no rows, too many bad ones, or a model that is gone.
    :raises RegendataError: the object cannot be fetched or read.
    """
    load = _Load(file, project.tables[file.table], run_id, _landed(file), accepted_losses)
    key = settings.passport_scores_key if file is SCORES else settings.passport_stamps_key
    with SpacesHook(settings.spaces_bucket).fetch_if_changed(key, load.known_etag) as fetched:
        table = load.table(fetched)
        done = land_whole(
            file.source,
            table.details["etag"],
            run_id,
            [table],
            settings,
            datetime.fromisoformat(table.details["modified_at"]),
        )
    return done | {"quarantined": load.tally.bad}


def _landed(file: JsonFile) -> Landed | None:
    with connect() as conn:
        return landed_tables(conn, file.source).get(file.table)


@dataclass
class _Load:
    """One load of one file: what was landed before, and what goes by now."""

    file: JsonFile
    spec: TableSpec
    run_id: str
    before: Landed | None
    accepted_losses: Collection[str] = ()
    tally: Tally = field(default_factory=Tally)

    @property
    def known_etag(self) -> str | None:
        """ETag of what is landed; None where the same bytes would now come out otherwise."""
        if self.before is None:
            return None
        etag = str(self.before.details.get("etag"))
        is_same = self._whole(etag, {}, []).shaped_fingerprint == self.before.fingerprint
        return etag if is_same else None

    def table(self, fetched: Fetched | None) -> WholeTable:
        """The table with the file's rows; with what is landed already when nothing was fetched."""
        if fetched is None:
            details = dict(self.before.details) if self.before else {}
            return self._whole(str(details["etag"]), details, [])
        details = {"etag": fetched.etag, "modified_at": fetched.modified_at.isoformat()}
        return self._whole(fetched.etag, details, self._checked_rows(fetched, details))

    def _whole(self, etag: str, details: dict[str, Any], rows: Iterable[memoryview]) -> WholeTable:
        return WholeTable(self.spec, f"{etag} {self.file.recipe}", lambda: rows, details)

    def _checked_rows(self, fetched: Fetched, details: dict[str, Any]) -> Iterator[memoryview]:
        """CSV of the good rows; an error at their end takes the whole load back."""
        if self.file.is_parquet:
            read = parquet_rows(fetched.path, self.file.read)
        else:
            read = text_lines(fetched.path, *self.file.read)
        yield from csv_of_good_rows(self.file, read, self.spec.column_names, self.tally)
        self._judge()
        details |= {"quarantined": self.tally.bad, "kinds": sorted(self.tally.kinds)}

    def _judge(self) -> None:
        tally = self.tally
        with connect() as conn:
            quarantine.write(conn, self.file.source, self.file.table, self.run_id, tally.kept)
        first = min(tally.kept, key=lambda cell: cell.row, default=None)
        refuse_bad_share(self.file, tally.rows, tally.bad, str(first))
        kinds_before = self.before.details.get("kinds", []) if self.before else []
        refuse_lost_kinds(self.file, kinds_before, {*tally.kinds, *self.accepted_losses})
