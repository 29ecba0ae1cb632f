"""Land tables that come as a whole, each with a fingerprint of its content; equal content is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import cuts
from regendata.hooks.warehouse.facades import LockPolicy
from regendata.models.tables import TableSpec
from regendata.settings import Settings


@dataclass(frozen=True)
class WholeTable:
    """One table: its file, a fingerprint of the content, and CSV bytes on demand.

    ``data`` may add to ``details`` until its end, where they are only known once all rows went by.
    """

    spec: TableSpec
    fingerprint: str
    data: Callable[[], Iterable[bytes | memoryview]]
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shaped_fingerprint(self) -> str:
        """Content and shape: a changed table file loads the same content again."""
        return f"{self.fingerprint} {cuts.shape_of(self.spec)}"


def land_whole(
    source: str,
    version: str | None,
    run_id: str,
    tables: Sequence[WholeTable],
    settings: Settings,
    snapshot_at: datetime | None = None,
) -> dict[str, Any]:
    """Load what changed as one cut.

    :returns: rows per landed table, and the tables that were unchanged.
    """
    with connect() as conn:
        before = cuts.landed_tables(conn, source)
        known = {relation: landed.fingerprint for relation, landed in before.items()}
        changed = [table for table in tables if known.get(table.spec.relation) != table.shaped_fingerprint]
        cut_id = cuts.open_cut(conn, source, version, run_id, loads=bool(changed))
        landed = [
            cuts.load(
                conn, cut_id, table.spec, table.data(), cuts.CSV, table.shaped_fingerprint, table.details
            )
            for table in changed
        ]
        cuts.close_cut(conn, cut_id, source, landed, snapshot_at, lock_policy(settings))
    rows = {str(table.relation): table.rows for table in landed}
    same = [str(table.spec.relation) for table in tables if str(table.spec.relation) not in rows]
    return {"landed": rows, "unchanged": same}


def lock_policy(settings: Settings) -> LockPolicy:
    """How landing and publishing wait for readers."""
    return LockPolicy(settings.publish_lock_ms, settings.publish_deadline_s)
