"""What was backed up and restored when, where anybody may read it."""

from __future__ import annotations

from regendata import paths
from regendata.backups.manifest import Manifest
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.models.tables import load_tables

_INSERT = """
INSERT INTO meta.backup (
  backup_key, kind, conn_id, taken_at, byte_count, row_count, table_count, seconds, run_id
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def record(manifest: Manifest, kind: str, seconds: float, run_id: str) -> None:
    """Write a row into ``meta.backup``.

    :param kind: ``backup`` or ``drill``.
    """
    backup = manifest.backup
    figures = [manifest.size, manifest.rows, len(manifest.tables), seconds]
    with connect() as conn:
        ensure_meta(conn, load_tables(paths.TABLES))
        conn.execute(_INSERT, [str(backup), kind, backup.conn_id, backup.taken_at, *figures, run_id])
