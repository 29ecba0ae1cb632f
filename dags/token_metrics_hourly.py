"""
### Token metrics, every hour

How often tokens are tweeted about, and how that changes, at minute 5 of every hour.

* **prepare**: tables and views of `token_metrics`, the rules that say which symbol is which token, incidents.
* **tweets**: hours whose rows changed at the source are copied (late and corrected rows of the last two days
  in every run, of all hours once a day), cleaned, and the metrics they reach are computed again.
* **land_prices**: CoinMarketCap's listing. When it fails, the last prices stay, and their age says so.
* **open_build** to **write_receipt**: rankings, `token_stats`, `tweet_trend`, `tokens` and `anomalies` are
  built, checked, and published in one transaction; nobody ever reads an empty table.

A range is taken again by a backfill, in whatever order, or in one run with `rebuild_from` and
`rebuild_until`.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, Param

from regendata.assets import TOKEN_METRICS_PUBLISHED
from regendata.defaults import PUBLISHING_RUNS, START, TASK_DEFAULTS, deadline
from regendata.groups.refresh import publish_models, take_turn
from regendata.groups.token_metrics import tweet_metrics
from regendata.operators.token_metrics import REBUILD_FROM, REBUILD_UNTIL

SYSTEM = "token_metrics"

with DAG(
    dag_id="token_metrics_hourly",
    doc_md=__doc__,
    # Rows of an hour appear some minutes after it.
    schedule=CronTriggerTimetable("5 * * * *", timezone="UTC", interval=timedelta(hours=1)),
    start_date=START,
    catchup=False,
    **PUBLISHING_RUNS,
    **deadline("token_metrics_hourly", timedelta(hours=3)),
    default_args=TASK_DEFAULTS,
    tags=["tokens", "hourly"],
    params={
        REBUILD_FROM: Param(None, type=["null", "string"], description_md="First hour to take again (UTC)."),
        REBUILD_UNTIL: Param(None, type=["null", "string"], description_md="First hour not to take again."),
    },
):
    tweets = tweet_metrics(SYSTEM, after=take_turn(SYSTEM))
    publish_models(SYSTEM, [tweets], published=TOKEN_METRICS_PUBLISHED)
