"""
### Carbon removal market, from test to prod

Copies the set of files in service in test to prod, after a person has approved it.

* **compare_with_prod** proves every file of the set by its checksum and shows rows and totals beside prod's;
  with equal sets the run ends here.
* **approve** waits for a person; no answer counts as Reject.
* **copy_to_prod** copies the files of the approved manifest, which test may have left behind by then; a file
  that is not byte for byte the one that was looked at stops it. The pointer moves last.
"""

from __future__ import annotations

from airflow.sdk import DAG

from regendata.defaults import START, TASK_DEFAULTS
from regendata.groups.cdr import promote_files

with DAG(
    dag_id="cdr_market_promote",
    doc_md=__doc__,
    schedule=None,
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=["cdr_market", "promotion"],
):
    promote_files()
