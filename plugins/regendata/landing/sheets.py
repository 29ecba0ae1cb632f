"""Land one sheet: read, cleaned, judged; yesterday's rows stay unless all of it is good enough."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from regendata.exceptions import ContentRefused
from regendata.hooks.postgres import connect
from regendata.hooks.sheets import SheetsHook
from regendata.landing import quarantine
from regendata.landing.whole import WholeTable, land_whole
from regendata.models.project import Project
from regendata.settings import Settings
from regendata.sources.cells import locale_named
from regendata.sources.rows import as_csv, fingerprint
from regendata.sources.sheets import Sheet, SheetRows, read_sheet, refuse_bad_rows


def land(sheet: Sheet, project: Project, run_id: str, settings: Settings) -> dict[str, Any]:
    """Load a sheet when its rows differ from those landed.

    :returns: rows per landed table, unchanged tables, rows left out, columns nobody asked for.
    :raises ContentRefused: naming sheet, row and column.
    :raises SourceUnavailable: the spreadsheet cannot be read.
    """
    read_at = datetime.now(timezone.utc)
    found = _read(sheet)
    with connect() as conn:
        quarantine.write(conn, sheet.source, sheet.table, run_id, found.bad)
    refuse_bad_rows(sheet, found)
    rows = sorted(found.rows, key=repr)
    facts = {"quarantined": len(found.bad), "extra_columns": list(found.extra_columns)}
    table = WholeTable(project.tables[sheet.table], fingerprint(rows), lambda: as_csv(rows), facts)
    return land_whole(sheet.source, None, run_id, [table], settings, snapshot_at=read_at) | facts


def _read(sheet: Sheet) -> SheetRows:
    hook = SheetsHook()
    workbook = hook.workbook(sheet.workbook)
    if sheet.title not in workbook.tabs:
        raise ContentRefused(
            f"spreadsheet {workbook.title} has no tab {sheet.title} (renamed?); its tabs: "
            f"{', '.join(workbook.tabs)}. The last rows stay in use"
        )
    return read_sheet(sheet, hook.values(workbook, sheet.title), locale_named(workbook.locale))
