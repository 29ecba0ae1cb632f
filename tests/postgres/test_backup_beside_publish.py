"""A backup takes as long as there are rows; publish and landing do not wait, and all of it comes back."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from regendata.backups.keys import ROWS
from regendata.hooks.backups import drill, dump
from regendata.hooks.backups.store import BackupStore
from regendata.hooks.warehouse.facades import LockPolicy
from tests.postgres.test_backups import OPTIONS, store
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
__all__ = ["store"]
#: Were a view held, this would be over long before the dump.
NEWS = (4, 1, "dan", 2.0)
POLICY = LockPolicy(wait_ms=120, deadline_s=3)
#: More than a pipe holds, so that pg_dump stops in the middle of it while nobody reads.
LONG = "CREATE TABLE public.long AS SELECT n, sha512(n::text::bytea) AS x FROM generate_series(1, 20000) AS n"
HELD = """
SELECT l.relation::regclass::text FROM pg_locks AS l INNER JOIN pg_stat_activity AS a USING (pid)
WHERE a.application_name LIKE 'regendata:backup%%' AND l.database = (
  SELECT oid FROM pg_database WHERE datname = current_database()
) AND l.relation::regclass::text = ANY(%s)
"""
WATCHED = ["gifts", "mine", "long", "named_gifts", "views.givers"]


def test_a_publish_in_the_middle_of_a_dump_gets_through(
    warehouse: Warehouse, small: SmallProject, store: BackupStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.refresh(GIFTS, NAMES)
    warehouse.do(LONG, "CREATE VIEW public.mine AS SELECT * FROM views.givers")
    small.edit("views.givers", "count(*) AS gifts", "2 * count(*) AS gifts")
    build = small.build().build_id
    real, held, published = BackupStore.upload, set[str](), []

    def upload(self: BackupStore, key: str, dumped: dump.DumpStream) -> None:
        if key.endswith(ROWS):
            first = dumped.process.stdout.peek(1)  # type: ignore[union-attr]
            assert first
            held.update(name for (name,) in warehouse.rows(HELD, [WATCHED]))
            published.append(small.publish(build, POLICY))
            small.grow([NEWS])
        real(self, key, dumped)

    monkeypatch.setattr(BackupStore, "upload", upload)
    made = dump.back_up(store, "grants_db", OPTIONS, datetime.now(timezone.utc))
    assert held == {"long"}
    assert published[0].attempts == 1
    assert warehouse.value("SELECT sum(gifts) FROM public.mine") == 2 * len(GIFTS)
    assert drill.restore_drill(store, made.backup, OPTIONS).manifest == made


def test_a_warehouse_with_builds_of_before_comes_back(
    warehouse: Warehouse, small: SmallProject, store: BackupStore
) -> None:
    """Those kept for a rollback would make it several times as large."""
    small.refresh(GIFTS, NAMES)
    small.refresh([*GIFTS, NEWS])
    small.edit("public.gifts", "FROM landing.gifts AS gift", "FROM landing.gifts AS gift WHERE true")
    unpublished = small.build().build_id
    made = dump.back_up(store, "grants_db", OPTIONS, datetime.now(timezone.utc))
    out = {name.split(".")[0] for name, why in made.left_out.items() if why == dump.OLD_BUILD}
    assert out == {'"build_1"', f'"build_{unpublished}"'}
    assert {'"build_2"."gifts"', '"build_1"."chain_names"'} <= set(made.tables)
    assert drill.restore_drill(store, made.backup, OPTIONS).manifest == made


def test_relations_in_parts_come_back(warehouse: Warehouse, small: SmallProject, store: BackupStore) -> None:
    """What was extended, what was shown on, and what has landed since and is in no build yet."""
    small.refresh(GIFTS, NAMES)
    for news in (NEWS, (5, 10, "eve", 3.0)):
        small.grow([news])
        small.refresh()
    small.grow([(6, 10, "fay", 4.0)])
    assert "build_3.gifts__added" in warehouse.relations(r"build\_3")
    made = dump.back_up(store, "grants_db", OPTIONS, datetime.now(timezone.utc))
    assert {'"build_1"."gifts"', '"build_2"."gifts__added"', '"build_3"."gifts__added"'} <= set(made.tables)
    assert '"build_2"."gifts"' in made.left_out
    assert drill.restore_drill(store, made.backup, OPTIONS).manifest == made
