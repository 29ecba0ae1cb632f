"""The receipt tells what changed, who approved, and what is kept on disk; analysts may read it."""

from __future__ import annotations

import pytest

from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import approvals, receipts, retention
from regendata.hooks.warehouse.diffs import compare_build
from regendata.publish.approval import Answer, Question
from tests.support.small_project import GIFTS, NAMES, SYSTEM, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
MORE = [*GIFTS, (4, 1, "dan", 2.0)]


def test_changes_approver_and_disk_use_stand_in_the_receipt(
    warehouse: Warehouse, small: SmallProject
) -> None:
    small.refresh(GIFTS, NAMES)
    small.land(MORE)
    opened = small.build()
    with connect() as conn:
        compare_build(conn, opened.build_id, small.load(), small.settings)
        approvals.park(conn, opened.build_id, [Question("public.gifts", "size", "4", "3")])
        approvals.decide(conn, opened.build_id, Answer(is_approved=True, who="ann", why="a new gift"))
        small.publish(opened.build_id)
        run = receipts.RunFacts("refresh", "test", None)
        facts = receipts.write_receipt(conn, opened.build_id, run, {"attempts": 1, "seconds": 0.1})
        again = receipts.write_receipt(conn, opened.build_id, run, {"attempts": 1, "seconds": 0.1})
    assert facts == again
    assert facts["changes"]["public.gifts"] == [1, 0, 0]
    assert facts["estimated"] == []
    assert facts["approval"] == {"answer": "approved", "who": "ann", "why": "a new gift"}
    assert facts["reason"] == "approved by ann: a new gift"
    diffs, approval, disk = warehouse.rows("SELECT diffs, approval, disk FROM meta.refresh")[0]
    gifts = next(diff for diff in diffs if diff["relation"] == "public.gifts")
    assert gifts["samples"] == [
        {"kind": "added", "before": None, "after": {"id": 4, "chain_id": 1, "giver": "dan", "amount": 2}}
    ]
    assert approval["questions"][0]["check"] == "size"
    assert [build["build_id"] for build in disk] == [2, 1]
    assert facts["disk_bytes"] == sum(build["bytes"] for build in disk)


def test_a_relation_that_several_builds_show_takes_its_bytes_once(
    warehouse: Warehouse, small: SmallProject
) -> None:
    small.refresh(GIFTS, NAMES)
    with connect() as conn:
        before = retention.disk_use(conn, SYSTEM)
        small.refresh(MORE)
        after = retention.disk_use(conn, SYSTEM)
    names = warehouse.value("SELECT pg_total_relation_size('build_1.chain_names')")
    assert before[1] - after[1] == names
    small.keeping(1).tidy_up()
    with connect() as conn:
        assert retention.disk_use(conn, SYSTEM) == {2: after[2]}
