"""
### Grants, every day

What changes by hand or once a day: land it, find out which projects are one, and publish both.

* **land_sheet**: one mapped task per sheet. Cells are cleaned and judged; bad rows go to `meta.quarantine`,
  a bad sheet fails its task and keeps yesterday's rows. The 4-hour refresh reads them from its next run on.
* **passport**: model scores and stamps, fetched only when their ETag changed.
* **group_projects**: projects that share an id, a manual link or three attributes are one group, under an id
  that stays. `meta.project_group_history` tells merges and splits, `meta.project_placeholder` the values that
  were taken for empty, `meta.unknown_project_link` the manual links that lead nowhere.
* **open_build** to **write_receipt**: `public.passport_model_scores`, `public."Passport"`,
  `public.project_lookup`, `public.project_links` and `public.project_groups_summary` are built, checked and
  published as in the refresh; with no news the run ends with a receipt at once.
* **export_public_data** uploads what changed as Parquet, for everybody.

Rows, age and left-out rows of each source stand in `meta.landing_history`, `meta.cut` and `meta.quarantine`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, Param

from regendata.assets import GRANTS_DAILY_PUBLISHED
from regendata.defaults import PUBLISHING_RUNS, START, TASK_DEFAULTS, deadline
from regendata.groups.daily import land_sheets, passport_files, project_groups
from regendata.groups.exports import public_data
from regendata.groups.refresh import publish_models, take_turn
from regendata.operators.passport import ACCEPTED_LOSSES

SYSTEM = "grants_daily"

with DAG(
    dag_id="grants_every_day",
    doc_md=__doc__,
    # Between two refreshes, so that the next one reads the new sheets.
    schedule=CronTriggerTimetable("30 2 * * *", timezone="UTC"),
    start_date=START,
    catchup=False,
    **PUBLISHING_RUNS,
    **deadline("grants_every_day", timedelta(hours=6)),
    default_args=TASK_DEFAULTS,
    tags=["grants", "daily"],
    params={
        ACCEPTED_LOSSES: Param(
            [],
            type="array",
            items={"type": "string"},
            description_md="Models of Passport that may be gone from its file in this run.",
        )
    },
):
    sheets, passport = land_sheets(SYSTEM), passport_files(SYSTEM)
    take_turn(SYSTEM) >> [sheets, passport]
    landed = [passport, project_groups(SYSTEM, sheets)]
    receipt = publish_models(SYSTEM, landed, published=GRANTS_DAILY_PUBLISHED)
    public_data(SYSTEM, after=receipt)
