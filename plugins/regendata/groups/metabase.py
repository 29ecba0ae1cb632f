"""What Metabase is told, and asked, once a build is published."""

from __future__ import annotations

from airflow.sdk import BaseOperator, TaskGroup

from regendata.operators.metabase import CheckMetabaseCardsOperator, SyncMetabaseOperator


def refresh_metabase(system: str, after: BaseOperator) -> TaskGroup:
    """Sync and compare, also when this run had nothing to publish: Metabase may have been away before.

    What is published stays so: Metabase out of reach is a warning by name, and nothing waits for it.
    """
    with TaskGroup("metabase", tooltip="Changed columns are synced, public cards compared") as group:
        sync = SyncMetabaseOperator(task_id="sync_schema", system=system)
        sync >> CheckMetabaseCardsOperator(task_id="check_cards", system=system)
    after >> group
    return group
