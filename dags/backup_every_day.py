"""
### Backups, every day

Dumps each database that the setting `backup_connections` names into the bucket of backups: one snapshot
is counted table by table, dumped by pg_dump, and sent while it is dumped, so neither memory nor disk grow
with it.

* **back_up**: the dump, then its manifest with checksum, rows and a hash of the rows of every table. A
  dump without a manifest does not count.
* **remove_old**: the newest backup of each of the last days and weeks stays. Days count only where there
  is a backup: while none is made, none is removed.

Foreign tables, and views on them, are not dumped: the next refresh makes them again; passwords of user
mappings are never in a dump. What was made stands in `meta.backup`; `restore_drill_every_week` proves
that it comes back.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from regendata import settings
from regendata.defaults import START, TASK_DEFAULTS, deadline
from regendata.operators.backups import BackUpOperator, RemoveOldBackupsOperator

with DAG(
    dag_id="backup_every_day",
    doc_md=__doc__,
    # Between two refreshes, before the daily ones.
    schedule=CronTriggerTimetable("40 1 * * *", timezone="UTC"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    **deadline("backup_every_day", timedelta(hours=4)),
    default_args=TASK_DEFAULTS,
    tags=["operations", "backup"],
):
    for conn_id in settings.load().backed_up():
        BackUpOperator(task_id=f"back_up_{conn_id}", conn_id=conn_id) >> RemoveOldBackupsOperator(
            task_id=f"remove_old_{conn_id}", conn_id=conn_id
        )
