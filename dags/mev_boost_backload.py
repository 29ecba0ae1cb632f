"""
### MEV-Boost relays, any range

Fetches whatever is missing of a range of slots, from the relays of the form.

* **plan** shows slots and requests per relay, how long that takes, and what is left for later rounds.
* **approve** waits for a person, unless `ask` is off.
* **fetch**: at most 64 units with about equally many requests. All of them share each relay's budget, so more
  units do not ask a relay faster; they spread the work on the answers. `where` names the executor.
* **judge** fails by name when less came than was planned.
* **next_round** starts this DAG again with the same form for as long as something is left.

Start it again after whatever happened: it plans what is missing, and nothing else.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from regendata.defaults import START, TASK_DEFAULTS
from regendata.groups.mev_boost import fetch_round, form

with DAG(
    dag_id="mev_boost_backload",
    doc_md=__doc__,
    schedule=None,
    start_date=START,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=24),
    default_args=TASK_DEFAULTS,
    tags=["mev_boost", "backload"],
    params=form(),
):
    fetch_round(ask=True)
