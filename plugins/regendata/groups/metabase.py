"""What Metabase is told, and asked, once a build is published."""

from __future__ import annotations

from airflow.sdk import TaskGroup

from regendata.operators.build import PublishOperator
from regendata.operators.metabase import CheckMetabaseCardsOperator, SyncMetabaseOperator


def refresh_metabase(after: PublishOperator) -> TaskGroup:
    """Sync and compare. Nothing waits for it, and Metabase out of reach is a warning.

    :param after: the publish, whose build is compared.
    """
    build = {"system": after.system, "build_id": after.build_id}
    with TaskGroup("metabase", tooltip="Changed columns are synced, public cards compared") as group:
        sync = SyncMetabaseOperator(task_id="sync_schema", **build)
        sync >> CheckMetabaseCardsOperator(task_id="check_cards", **build)
    after >> group
    return group
