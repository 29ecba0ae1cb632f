"""
### Carbon removal market, every day

Pulls the market from its sources, makes the files of the website, and puts them in service when they pass.

* **sources**: cdr.fyi's four tables (whole, or not at all; limits per minute and hour are kept over retries),
  two files that an operator supplies, and the total of dollars spent from the front page. When that page
  changed, its task fails by name and the last good total goes out.
* **stage_files**, **check_files**, **publish_files**: files are made aside, judged by themselves and beside
  those in service, then published: objects first, manifest and pointer last. Equal files change nothing.
* **report_status** writes `status.json` (last success, stale since when) and fails when any task did.

`env` names the environment, each with its own bucket and connection (`cdr_market_test`, `cdr_market_prod`).
Run with `accept` once a person has found a large change right. Runs stand in `cdr_market.run`, restated
deliveries and every other change of a row in `cdr_market.row_change`. `REGENDATA_CDR_CADENCE` is daily or
weekly.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, Param

from regendata.defaults import START, TASK_DEFAULTS, deadline
from regendata.groups.cdr import publish_files, sources, timetable

with DAG(
    dag_id="cdr_market_daily",
    doc_md=__doc__,
    schedule=timetable(),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=4),
    **deadline("cdr_market_daily", timedelta(hours=3)),
    default_args=TASK_DEFAULTS,
    params={
        "env": Param("test", enum=["test", "prod"], description="Environment that gets the files"),
        "accept": Param(False, type="boolean", description="Large changes were looked at and are right"),
    },
    tags=["cdr_market", "daily"],
):
    publish_files(after=sources())
