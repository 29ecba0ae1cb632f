"""What lands once a day: sheets, and the files of Passport."""

from __future__ import annotations

from airflow.sdk import TaskGroup
from airflow.sdk.definitions.mappedoperator import MappedOperator

from regendata.operators.passport import LandPassportOperator
from regendata.operators.sheets import LandSheetOperator
from regendata.sources.passport import SCORES, STAMPS
from regendata.sources.sheets import SHEETS


def land_sheets(system: str) -> MappedOperator:
    """One mapped task per sheet, each for itself: a bad sheet holds up no other."""
    return LandSheetOperator.partial(
        task_id="land_sheet", system=system, map_index_template="{{ task.sheet }}"
    ).expand(sheet=list(SHEETS))


def passport_files(system: str) -> TaskGroup:
    """Model scores and stamps."""
    with TaskGroup("passport", tooltip="Files of Passport, loaded when their ETag changed") as group:
        LandPassportOperator(task_id="land_model_scores", source=SCORES.source, system=system)
        LandPassportOperator(task_id="land_stamps", source=STAMPS.source, system=system)
    return group
