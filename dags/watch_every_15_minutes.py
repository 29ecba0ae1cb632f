"""
### Watch, every 15 minutes

Looks around and tells people what is wrong, each thing once until it is right again.

* **late**: systems that were not refreshed, backups that were not made and drills that did not go well
  within the hours of the setting `alert_late_hours`.
* **approval waiting**: tasks of any DAG that have waited for a person longer than `alert_approval_minutes`.
* **coverage hole**: numbers of a source asked for in vain for longer than `alert_hole_hours`.
* **disk**: file systems with less room than `alert_disk_free_pct`.

Failed tasks are told at once, by every DAG. What was told stands in `meta.alert`; the chapters of
`docs/alerts.md` say what to do. At the end a dead man's switch elsewhere hears a heartbeat: when it hears
none, the scheduler itself is down.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from regendata.defaults import START, TASK_DEFAULTS
from regendata.operators.watch import LookAroundOperator

with DAG(
    dag_id="watch_every_15_minutes",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("*/15 * * * *", timezone="UTC"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=12),
    default_args=TASK_DEFAULTS,
    tags=["operations", "alerts"],
):
    LookAroundOperator(task_id="look_around", execution_timeout=timedelta(minutes=5))
