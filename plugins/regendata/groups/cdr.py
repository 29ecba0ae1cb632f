"""How the tasks of the carbon removal market hang together."""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import CronTriggerTimetable, TaskGroup, TriggerRule

from regendata import settings
from regendata.exceptions import SettingsError
from regendata.operators.asking import NoteQuestion
from regendata.operators.cdr import (
    CheckCdrFilesOperator,
    LandCdrInputOperator,
    LastGoodDollarsSpentOperator,
    PromoteCdrFilesOperator,
    ProposeCdrPromotionOperator,
    PublishCdrFilesOperator,
    PullCdrFyiOperator,
    ReportCdrStatusOperator,
    ScrapeDollarsSpentOperator,
    StageCdrFilesOperator,
)
from regendata.sources.cdr.inputs import INPUTS

#: When the market is pulled, in UTC: every morning, or on Monday.
CADENCES = {"daily": "40 5 * * *", "weekly": "40 5 * * 1"}


def timetable() -> CronTriggerTimetable:
    """The schedule that the setting ``cdr_cadence`` names.

    :raises SettingsError: it is neither daily nor weekly.
    """
    cadence = settings.load().cdr_cadence
    if cadence not in CADENCES:
        raise SettingsError(f"REGENDATA_CDR_CADENCE must be {' or '.join(CADENCES)}, not {cadence!r}")
    return CronTriggerTimetable(CADENCES[cadence], timezone="UTC")


def sources() -> TaskGroup:
    """All that comes in. The scraped total may fail by itself: its last good value goes out instead."""
    with TaskGroup("sources", tooltip="Everything that comes in, judged before it is landed") as group:
        PullCdrFyiOperator(task_id="pull_cdr_fyi", execution_timeout=timedelta(minutes=45))
        for source in INPUTS:
            LandCdrInputOperator(task_id=f"land_{source}", source=source)
        scrape = ScrapeDollarsSpentOperator(task_id="scrape_dollars_spent")
        scrape >> LastGoodDollarsSpentOperator(
            task_id="last_good_dollars_spent", trigger_rule=TriggerRule.ALL_DONE
        )
    return group


def publish_files(after: TaskGroup) -> None:
    """Stage, check, publish; the report comes last, whatever happened."""
    staged = StageCdrFilesOperator(task_id="stage_files")
    checked = CheckCdrFilesOperator(task_id="check_files")
    published = PublishCdrFilesOperator(task_id="publish_files")
    (
        after
        >> staged
        >> checked
        >> published
        >> ReportCdrStatusOperator(
            task_id="report_status", publish_task_id=published.task_id, trigger_rule=TriggerRule.ALL_DONE
        )
    )


def promote_files() -> None:
    """Propose, ask a person, copy."""
    proposed = ProposeCdrPromotionOperator(task_id="compare_with_prod", env="test")
    approve = ApprovalOperator(
        task_id="approve",
        subject="Promote the carbon removal market to prod?",
        body="{{ ti.xcom_pull(task_ids='compare_with_prod')['changes'] }}",
        defaults=ApprovalOperator.REJECT,
        response_timeout=timedelta(seconds=settings.load().approval_limit_s),
        notifiers=NoteQuestion(),
    )
    promoted = PromoteCdrFilesOperator(task_id="copy_to_prod", env="prod", proposal_task_id=proposed.task_id)
    proposed >> approve >> promoted
