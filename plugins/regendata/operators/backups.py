"""Tasks that make backups, remove old ones and prove that they come back."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

#: Fields of the drill's form.
DATABASE = "database"
BACKUP = "backup"


class _DatabaseOperator(BaseOperator):
    """A task about the backups of one database.

    :param conn_id: Airflow connection of the database.
    """

    ui_color = "#ece4f2"

    def __init__(self, *, conn_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id


class BackUpOperator(_DatabaseOperator):
    """Dumps one database into the bucket of backups; returns what was dumped."""

    def execute(self, context: Context) -> dict[str, Any]:
        from time import monotonic

        from regendata import settings
        from regendata.hooks.backups import dump, records
        from regendata.hooks.backups.store import BackupStore

        began, options = monotonic(), settings.load()
        store = BackupStore.of(options.backup_bucket)
        manifest = dump.back_up(store, self.conn_id, options, datetime.now(timezone.utc))
        records.record(manifest, "backup", monotonic() - began, context["run_id"])
        return {"backup": str(manifest.backup), "bytes": manifest.size, "rows": manifest.rows}


class RemoveOldBackupsOperator(_DatabaseOperator):
    """Removes what the settings ``backup_keep_daily`` and ``backup_keep_weekly`` do not keep; returns it."""

    def execute(self, context: Context) -> list[str]:
        from regendata import settings
        from regendata.backups.retention import outdated
        from regendata.hooks.backups.store import BackupStore

        options = settings.load()
        store = BackupStore.of(options.backup_bucket)
        found, now = store.found(self.conn_id), datetime.now(timezone.utc)
        old = outdated(found, options.backup_keep_daily, options.backup_keep_weekly, now)
        for backup in old:
            store.remove(backup)
            self.log.info("removed %s", backup)
        return [str(backup) for backup in old]


class RestoreDrillOperator(BaseOperator):
    """Restores a backup into a database of its own and compares it, as the form of the run says."""

    ui_color = "#ece4f2"

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.hooks.backups import drill, records
        from regendata.hooks.backups.store import BackupStore

        options, params = settings.load(), context["params"]
        store = BackupStore.of(options.backup_bucket)
        chosen = drill.choose(store, params[DATABASE], params[BACKUP])
        done = drill.restore_drill(store, chosen, options)
        records.record(done.manifest, "drill", done.seconds, context["run_id"])
        return {
            "backup": str(chosen),
            "tables": len(done.manifest.tables),
            "rows": done.manifest.rows,
            "seconds": round(done.seconds, 1),
        }
