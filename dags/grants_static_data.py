"""
### Static data of Grants

Loads the archives of closed systems from Spaces, each once: the frozen indexer schema `chain_data_75`,
cGrants (rounds 1-15), Alpha rounds (round 16) and ENS names. An archive whose recorded checksum is loaded
already is left alone, and its task says so.

An archive does not change. If its recorded checksum does, the task fails by name; trigger the DAG with
`reload` to take the new one.
"""

from __future__ import annotations

from airflow.sdk import DAG, Param

from regendata.defaults import START, TASK_DEFAULTS
from regendata.groups.static_data import archive_groups
from regendata.operators.landing import RELOAD

with DAG(
    dag_id="grants_static_data",
    doc_md=__doc__,
    schedule=None,
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    tags=["grants", "static"],
    params={RELOAD: Param(False, type="boolean", description_md="Take archives whose checksum changed.")},
):
    archive_groups("grants")
