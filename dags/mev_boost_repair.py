"""
### MEV-Boost relays, repairs of every night

* **repair_hours**: block times that came late, and flags of payloads whose block was reorganised away. The
  hours they touch are loaded again from their objects.
* **relays**: slots of the last `REGENDATA_MEV_REPAIR_HOURS` that are unknown or were never asked for are
  fetched, the newest first, as many as fit into a round. Ranges that are older take `mev_boost_backload`.

Days that become whole by this are closed.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from regendata.defaults import START, TASK_DEFAULTS
from regendata.groups.mev_boost import fetch_round
from regendata.operators.mev_boost import RepairHoursOperator

with DAG(
    dag_id="mev_boost_repair",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("40 2 * * *", timezone="UTC"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=8),
    default_args=TASK_DEFAULTS,
    tags=["mev_boost", "repair"],
):
    RepairHoursOperator(task_id="repair_hours")
    fetch_round(look_back="mev_repair_hours", units=4)
