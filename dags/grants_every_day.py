"""
### Grants, every day

What changes by hand or once a day: land it, and publish what readers of Passport scores read.

* **land_sheet**: one mapped task per sheet. Cells are cleaned and judged; bad rows go to `meta.quarantine`,
  a bad sheet fails its task and keeps yesterday's rows. The 4-hour refresh reads them from its next run on.
* **passport**: model scores and stamps, fetched only when their ETag changed.
* **open_build** to **write_receipt**: `public.passport_model_scores` and `public."Passport"` are built,
  checked and published as in the refresh; with no news the run ends with a receipt at once.

Rows, age and left-out rows of each source stand in `meta.landing_history`, `meta.cut` and `meta.quarantine`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from regendata.assets import GRANTS_DAILY_PUBLISHED
from regendata.defaults import START, TASK_DEFAULTS
from regendata.groups.daily import land_sheets, passport_files
from regendata.groups.refresh import publish_models

SYSTEM = "grants_daily"

with DAG(
    dag_id="grants_every_day",
    doc_md=__doc__,
    # Between two refreshes, so that the next one reads the new sheets.
    schedule=CronTriggerTimetable("30 2 * * *", timezone="UTC"),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=3),
    default_args=TASK_DEFAULTS,
    tags=["grants", "daily"],
):
    land_sheets(SYSTEM)
    publish_models(SYSTEM, [passport_files(SYSTEM)], published=GRANTS_DAILY_PUBLISHED)
