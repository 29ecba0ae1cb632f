"""
### Grants refresh

Every four hours, and whenever the indexer advertises a new version: land one consistent cut of each
source, build all views in the order their SQL asks for, check them, publish all or nothing.

* **take_turn**: one run at a time lands and builds; a run that waits for a person does not count.
* **indexer**, **maci**: choose the most complete version, keep the live foreign schema on it, land a cut.
* **land_dune**, **land_reference**: the latest Dune result and the hand-kept facts.
* **open_build** compares fingerprints; when nothing changed the run ends with a receipt at once.
* **views**: one group per view; readers see nothing of it until **publish**.
* **compare** says what changed. When a check asks, the run waits in **approve** for a person, and the next
  run takes its place; when nothing asks, it goes on at once.
* **write_receipt** leaves a row in `meta.refresh`; **tidy_up** drops what a failed or an old build left.
* **export_public_data** uploads what changed as Parquet, for everybody. Should it fail, what is published
  stays published, and the next run uploads what is missing.
* **metabase** syncs changed columns and compares public cards with the warehouse; it only warns.

Readers keep the last good data whenever a task fails. The failed task's message names what is wrong.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, AssetOrTimeSchedule, CronTriggerTimetable, Param

from regendata.assets import GRANTS_PUBLISHED, INDEXER_VERSION
from regendata.defaults import PUBLISHING_RUNS, START, TASK_DEFAULTS, deadline
from regendata.groups.exports import public_data
from regendata.groups.indexer import indexer_lane
from regendata.groups.metabase import refresh_metabase
from regendata.groups.refresh import publish_models, take_turn
from regendata.operators.build import AGAIN
from regendata.operators.indexer import ACCEPTED_LOSSES, WHOLE
from regendata.operators.landing import LandDuneOperator, LandReferenceOperator
from regendata.sources.indexers import GRANTS_INDEXER, MACI

SYSTEM = "grants"

with DAG(
    dag_id="grants_every_4_hours",
    doc_md=__doc__,
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 */4 * * *", timezone="UTC"), assets=INDEXER_VERSION
    ),
    start_date=START,
    catchup=False,
    **PUBLISHING_RUNS,
    **deadline("grants_every_4_hours", timedelta(hours=6)),
    default_args=TASK_DEFAULTS,
    tags=["grants", "refresh"],
    params={
        ACCEPTED_LOSSES: Param(
            [],
            type="array",
            items={"type": "integer"},
            description_md="Chain ids that may disappear from the source in this run.",
        ),
        AGAIN: Param(
            False,
            type="boolean",
            description_md="Build also what was rejected or rolled back, though no input changed since.",
        ),
        WHOLE: Param(False, type="boolean", description_md="Land and build everything as a whole."),
    },
):
    landed = [
        indexer_lane(GRANTS_INDEXER, SYSTEM),
        indexer_lane(MACI, SYSTEM),
        LandDuneOperator(task_id="land_dune", system=SYSTEM),
        LandReferenceOperator(task_id="land_reference", system=SYSTEM),
    ]
    take_turn(SYSTEM) >> landed
    receipt = publish_models(SYSTEM, landed, published=GRANTS_PUBLISHED)
    public_data(SYSTEM, after=receipt)
    refresh_metabase(SYSTEM, after=receipt)
