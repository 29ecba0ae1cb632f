"""
### Restore drill, every week

Restores the newest backup into a database of its own, compares every table with the backup's manifest,
row by row hashed, and drops the database again. The warehouse is not touched, and readers notice nothing.

A dump that is cut short, was changed, or is none of ours is refused by name before anything of it runs. A
table that comes back otherwise fails the task and is named.

Trigger it with the form to prove another backup, such as one that is to be restored for real: `database`
is an Airflow connection, `backup` a time such as `20261122T014000Z`. Drills that went well stand in
`meta.backup`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, Param

from regendata import settings
from regendata.defaults import START, TASK_DEFAULTS, deadline
from regendata.operators.backups import BACKUP, DATABASE, RestoreDrillOperator

_DATABASES = list(settings.load().backed_up())

with DAG(
    dag_id="restore_drill_every_week",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("20 9 * * 6", timezone="UTC"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=4),
    **deadline("restore_drill_every_week", timedelta(hours=3)),
    default_args=TASK_DEFAULTS,
    tags=["operations", "backup"],
    params={
        DATABASE: Param(_DATABASES[0], type="string", enum=_DATABASES, title="Database"),
        BACKUP: Param(
            None, type=["null", "string"], title="Backup", description_md="The newest, unless named."
        ),
    },
):
    RestoreDrillOperator(task_id="restore_and_compare")
