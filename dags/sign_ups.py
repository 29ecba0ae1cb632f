"""
### Sign-ups, every five minutes

Who signed up on the public form gets an account in Metabase and a mail.

* **prepare**: tables of the queue in the schema `sign_ups`, and the form's role, which may insert and nothing
  else. Analysts have no right there.
* **work_queue**: takes up what the form handed in, makes or finds accounts, sends mails, settles bounces,
  forgets names and addresses after `REGENDATA_SIGN_UP_KEEP_DAYS`.

Each request goes its own way, and every step is written down before it is taken: a run may be killed
anywhere, and nobody gets two accounts or two mails. When Metabase or Postmark is away, requests wait, and
runs fail by name after `REGENDATA_SIGN_UP_ALERT_HOURS`. Requests given up after
`REGENDATA_SIGN_UP_PATIENCE_DAYS` are taken up anew by a run with `again`. Logs know requests by id only.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, Param

from regendata.defaults import START, TASK_DEFAULTS
from regendata.operators.sign_ups import AGAIN, PrepareSignUpsOperator, WorkSignUpsOperator

with DAG(
    dag_id="sign_ups",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args=TASK_DEFAULTS,
    tags=["sign_ups"],
    params={
        AGAIN: Param(False, type="boolean", description_md="Take up anew what was given up."),
    },
):
    PrepareSignUpsOperator(task_id="prepare") >> WorkSignUpsOperator(task_id="work_queue")
