"""One lane per indexer: sense, choose, then sync the live schema and land a cut."""

from __future__ import annotations

from airflow.sdk import TaskGroup

from regendata.defaults import SENSOR_RETRIES
from regendata.operators.indexer import (
    ChooseVersionOperator,
    LandIndexerOperator,
    SyncForeignSchemaOperator,
)
from regendata.sensors.indexer_version import IndexerVersionSensor
from regendata.sources.indexers import IndexerSource


def indexer_lane(source: IndexerSource, system: str) -> TaskGroup:
    """Tasks from the advertised version to landed tables; without an API the newest schema is taken."""
    with TaskGroup(source.name, tooltip=f"One consistent cut of {source.conn_id}") as lane:
        choose = ChooseVersionOperator(
            task_id="choose_version", source=source.name, system=system, doc_md=_CHOOSE_DOC
        )
        if source.api_conn_id:
            sense = IndexerVersionSensor(
                task_id="sense_version", conn_id=source.api_conn_id, retry_policy=SENSOR_RETRIES
            )
            choose.version = _result_of(sense.task_id)
            sense >> choose
        version = _result_of(choose.task_id)
        sync = SyncForeignSchemaOperator(
            task_id="sync_foreign_schema", source=source.name, system=system, version=version
        )
        land = LandIndexerOperator(task_id="land_cut", source=source.name, system=system, version=version)
        choose >> sync >> land
    return lane


def _result_of(task_id: str) -> str:
    return f"{{{{ ti.xcom_pull(task_ids='{task_id}') }}}}"


_CHOOSE_DOC = """\
Scores the advertised version and the one before it per chain and takes the most complete one,
never one that loses a chain. The choice and its reason stand in `meta.source_version`.
"""
