"""
### Goal tracker, every day

Says once a day how far the goal is: a post with a picture on X.

* **prepare_post** reads Metabase's card 196 and writes the post down in `meta.goal_post`. It fails by name
  when the refresh is not green or too old, when card and warehouse disagree, or when the figure fell.
* **approve** asks a person when the figure is far off its trend, and lets everything else through.
* **send_post** posts it, once per day whatever happens in between. Without credentials of X, or with
  `REGENDATA_GOAL_DRY_RUN=yes`, text and picture go to a file below `REGENDATA_GOAL_FOLDER` instead, and
  nobody is asked.

Settings and what to do when it fails: `docs/outbound.md`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from regendata.defaults import START, TASK_DEFAULTS
from regendata.operators.goal import (
    ApproveGoalPostOperator,
    PrepareGoalPostOperator,
    SendGoalPostOperator,
)

with DAG(
    dag_id="goal_tracker",
    doc_md=__doc__,
    # After the refresh of noon, when most of those who read it are awake.
    schedule=CronTriggerTimetable("30 14 * * *", timezone="UTC"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=23),
    # X counts per quarter of an hour.
    default_args=TASK_DEFAULTS
    | {"retry_delay": timedelta(minutes=10), "max_retry_delay": timedelta(hours=1)},
    tags=["goal", "daily"],
):
    prepare = PrepareGoalPostOperator(task_id="prepare_post")
    day = "{{ ti.xcom_pull(task_ids='prepare_post') }}"
    (
        prepare
        >> ApproveGoalPostOperator(task_id="approve", day=day)
        >> SendGoalPostOperator(task_id="send_post", day=day)
    )
