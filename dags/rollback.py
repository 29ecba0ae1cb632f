"""
### Roll back

Shows readers an earlier build again: one transaction, through the same views as a publish, in seconds.

Trigger it with the form: which system, which build, and why. As many are kept as the setting `keep_builds`
says; `SELECT * FROM meta.publication ORDER BY publication_id DESC` lists what was in use when. A build that
is not kept is refused, and the error lists those that are, with their dates.

The next refresh starts from the build that is in use now. While its inputs are those of the build that was
left, it builds nothing. Once they differ it builds again, and waits for a person's approval before it
publishes, unless the form says otherwise. Public data sets go back as well (**export_public_data**).
"""

from __future__ import annotations

from airflow.sdk import DAG, Param

from regendata.assets import PUBLISHED, ROLLED_BACK
from regendata.defaults import START, TASK_DEFAULTS
from regendata.groups.exports import public_data
from regendata.operators.rollback import ASK_NEXT, BUILD_ID, SYSTEM, WHY, RollBackOperator

with DAG(
    dag_id="rollback",
    doc_md=__doc__,
    schedule=None,
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=["grants", "rollback"],
    params={
        SYSTEM: Param("grants", type="string", enum=list(PUBLISHED), title="System"),
        BUILD_ID: Param(None, type="integer", minimum=1, title="Build to go back to"),
        WHY: Param(None, type="string", minLength=3, title="Why"),
        ASK_NEXT: Param(True, type="boolean", title="Ask a person before the next publish"),
    },
):
    rolled_back = RollBackOperator(task_id="roll_back", published=PUBLISHED, event=ROLLED_BACK)
    public_data("{{ params.system }}", after=rolled_back)
