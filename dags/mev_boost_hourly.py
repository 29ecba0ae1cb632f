"""
### MEV-Boost relays, every hour

Payloads and bids of the last whole hours, from all relays at once.

* **plan**: which slots are missing, per relay and endpoint; requests and seconds that takes.
* **fetch**: every relay within its own budget, beside the others. An hour's rows go to the object store, then
  into the day's partition, and count as covered with it. What a relay did not answer is *unknown*: it stands
  in `meta.coverage_unknown` with the last error until somebody gets it.
* **judge**: fails by name when slots that were planned are missing. What came stays.
* **close_days**: a day with all of its hours is final, and its statistics are computed.

A relay that was away is asked again by each of the next runs, for `REGENDATA_MEV_LOOK_BACK_HOURS`; then by
`mev_boost_repair`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from regendata.defaults import START, TASK_DEFAULTS
from regendata.groups.mev_boost import fetch_round

with DAG(
    dag_id="mev_boost_hourly",
    doc_md=__doc__,
    # The slowest relay shows an hour's last bids some minutes after it.
    schedule=CronTriggerTimetable("15 * * * *", timezone="UTC", interval=timedelta(hours=1)),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=4),
    default_args=TASK_DEFAULTS,
    tags=["mev_boost", "hourly"],
):
    fetch_round(look_back="mev_look_back_hours")
