"""Land the latest result of the Dune query."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from regendata.hooks.dune import DuneHook
from regendata.landing.whole import WholeTable, land_whole
from regendata.models.project import Project
from regendata.settings import Settings
from regendata.sources import dune
from regendata.sources.rows import as_csv, fingerprint


def land(project: Project, run_id: str, settings: Settings) -> dict[str, Any]:
    """Fetch, check, and load when the rows differ from those landed.

    :raises RegendataError: see :func:`regendata.sources.dune.check_result` and ``to_rows``.
    """
    answer = DuneHook().latest_result(dune.QUERY_ID)
    given = answer.result.rows if answer.result else []
    announced = answer.result.metadata.total_row_count if answer.result else 0
    ended_at = answer.times.execution_ended_at
    dune.check_result(
        answer.state.value,
        ended_at,
        len(given),
        announced,
        timedelta(hours=settings.dune_max_age_hours),
        datetime.now(timezone.utc),
    )
    rows = sorted(dune.to_rows(given), key=repr)
    table = WholeTable(
        project.tables[dune.TABLE],
        fingerprint(rows),
        lambda: as_csv(rows),
        {"execution_id": answer.execution_id, "executed_at": str(ended_at)},
    )
    return land_whole("dune", answer.execution_id, run_id, [table], settings, snapshot_at=ended_at)
