"""What lands once a day: sheets, the files of Passport, and which projects are one."""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import TaskGroup, TriggerRule
from airflow.sdk.definitions.mappedoperator import MappedOperator

from regendata.operators.passport import LandPassportOperator
from regendata.operators.project_groups import ProjectGroupsOperator
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


def project_groups(system: str, sheets: MappedOperator) -> ProjectGroupsOperator:
    """Which projects are one. A bad sheet does not hold it up: yesterday's manual links are still there."""
    grouped = ProjectGroupsOperator(
        task_id="group_projects", system=system, trigger_rule=TriggerRule.ALL_DONE
    )
    # Airflow judges a run by its last tasks, so a failed sheet needs one behind it that does not run.
    sheets >> [grouped, EmptyOperator(task_id="sheets_landed")]
    return grouped
