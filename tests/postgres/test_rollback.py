"""Going back to an earlier build, and what comes after."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from regendata.exceptions import BuildSuperseded, CheckFailed, NoSuchBuild
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import approvals, publications
from regendata.hooks.warehouse.rollback import candidates
from regendata.publish.approval import Answer
from tests.support.readers import readers
from tests.support.small_project import GIFTS, NAMES, SYSTEM, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
BAD = [(1, 10, "ann", 5.5), *GIFTS[1:]]
NEWER = [*GIFTS, (4, 1, "dan", 2.0)]
HASHES = (
    "SELECT md5(string_agg(g::text, '' ORDER BY id)) FROM public.gifts AS g",
    "SELECT md5(string_agg(g::text, '' ORDER BY giver)) FROM views.givers AS g",
    "SELECT md5(string_agg(g::text, '' ORDER BY id)) FROM public.named_gifts AS g",
)


@pytest.fixture
def published(warehouse: Warehouse, small: SmallProject) -> SmallProject:
    """Build 1 is good, build 2 is bad and in use."""
    small.refresh(GIFTS, NAMES)
    small.refresh(BAD)
    return small


def in_use(warehouse: Warehouse) -> int | None:
    with warehouse.connect() as conn:
        return publications.build_in_use(conn, SYSTEM)


def total(warehouse: Warehouse) -> float:
    return float(warehouse.value("SELECT sum(amount) FROM public.gifts"))


def test_bad_data_that_was_approved_is_gone_in_seconds(
    warehouse: Warehouse,
    small: SmallProject,
    guarantee: Callable[..., None],
) -> None:
    small.edit(
        "public.gifts",
        "checks: {min_rows: 1, not_null: [id, giver], max_fall_pct: 10}",
        "checks: {severity: ask, max_fall_pct: 10}",
    )
    small.refresh(GIFTS, NAMES)
    before = [warehouse.value(query) for query in HASHES]
    small.land(GIFTS[:1])
    bad = small.build().build_id
    with connect() as conn:
        approvals.park(conn, bad, approvals.questions(conn, bad))
        approvals.decide(conn, bad, Answer(is_approved=True, who="bob"))
    small.publish(bad)
    assert [warehouse.value(query) for query in HASHES] != before
    with readers(
        warehouse.dsn(), ["SELECT count(*) FROM public.gifts JOIN views.givers USING (giver)"], 8
    ) as seen:
        seen.wait_for_more(20)
        switched = small.roll_back(1)
        seen.wait_for_more(20)
    assert [warehouse.value(query) for query in HASHES] == before
    assert seen.errors == []
    assert switched.seconds < 2
    guarantee(
        "Approved bad data is rolled back",
        promise="A publish that turns out wrong is undone in one transaction while people read, and every "
        "published relation has the rows it had before.",
        figures={
            "rollback beside 8 readers": f"{switched.seconds:.2f} s",
            "failed reads": len(seen.errors),
            "longest read": f"{seen.longest:.3f} s",
        },
    )


def test_the_next_build_starts_from_the_build_in_use(warehouse: Warehouse, published: SmallProject) -> None:
    published.roll_back(1, asks_next=False)
    assert (in_use(warehouse), total(warehouse)) == (1, 13.75)
    opened = published.refresh(NEWER)
    assert warehouse.value("SELECT based_on FROM meta.build WHERE build_id = %s", [opened.build_id]) == 1
    assert in_use(warehouse) == opened.build_id
    places = warehouse.rows(
        "SELECT physical FROM meta.build_relation WHERE build_id = %s AND carried_over", [opened.build_id]
    )
    assert places == [("build_1.chain_names",)]


def test_the_same_inputs_do_not_bring_the_bad_build_back(
    warehouse: Warehouse, published: SmallProject
) -> None:
    published.roll_back(1, asks_next=False)
    again = published.refresh()
    assert again.ended == "no input changed since build 2, rolled back: amount of gift 1"
    assert total(warehouse) == 13.75


def test_after_a_rollback_the_next_publish_asks(warehouse: Warehouse, published: SmallProject) -> None:
    published.roll_back(1)
    published.land(NEWER)
    opened = published.build()
    asks = r"publish after a rollback: build 1 is in use since a rollback by ann: amount of gift 1"
    with pytest.raises(CheckFailed, match=asks):
        published.publish(opened.build_id)
    with connect() as conn:
        approvals.park(conn, opened.build_id, approvals.questions(conn, opened.build_id))
        approvals.decide(conn, opened.build_id, Answer(is_approved=True, who="ann", why="mended"))
    published.publish(opened.build_id)
    published.tidy_up()
    assert in_use(warehouse) == opened.build_id
    published.refresh([*NEWER, (5, 1, "eve", 1.0)])
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 5


def test_forward_again(warehouse: Warehouse, published: SmallProject) -> None:
    published.roll_back(1)
    published.roll_back(2, run_id="forward")
    assert (in_use(warehouse), total(warehouse)) == (2, 14.25)


def test_asking_twice_changes_nothing(warehouse: Warehouse, published: SmallProject) -> None:
    published.roll_back(1)
    assert published.roll_back(1).attempts == 0
    assert warehouse.value("SELECT count(*) FROM meta.publication WHERE kind = 'rollback'") == 1


def test_the_receipt_says_who_and_why(warehouse: Warehouse, published: SmallProject) -> None:
    published.roll_back(1)
    assert warehouse.rows(
        "SELECT kind, build_id, replaced_build_id, who, why, asks_next, run_id FROM meta.publication "
        "ORDER BY publication_id DESC LIMIT 1"
    ) == [("rollback", 1, 2, "ann", "amount of gift 1", True, "back")]


@pytest.mark.parametrize(
    ("build_id", "message"),
    [
        (
            2,
            r"build 2 of small is in use already; builds to go back to: 1 \(published \d{4}-\d\d-\d\d .*\)",
        ),
        (77, r"build 77 of small is not kept; builds to go back to: 1 \(published "),
    ],
)
def test_a_build_that_cannot_be_shown_is_refused_with_those_that_can(
    build_id: int, message: str, warehouse: Warehouse, published: SmallProject
) -> None:
    with pytest.raises(NoSuchBuild, match=message):
        published.roll_back(build_id)
    assert total(warehouse) == 14.25


def test_a_build_that_was_dropped_is_no_candidate(warehouse: Warehouse, published: SmallProject) -> None:
    published.keeping(1).tidy_up()
    with connect() as conn:
        assert candidates(conn, SYSTEM) == []
    with pytest.raises(NoSuchBuild, match="build 1 of small is not kept; builds to go back to: none"):
        published.roll_back(1)


def test_a_build_opened_before_a_rollback_is_not_published_after_it(
    warehouse: Warehouse, published: SmallProject
) -> None:
    published.land(NEWER)
    opened = published.build()
    published.roll_back(1, asks_next=False)
    with pytest.raises(BuildSuperseded, match="started from another build than 1"):
        published.publish(opened.build_id)
    assert total(warehouse) == 13.75


def test_a_build_that_waits_ends_with_the_rollback(warehouse: Warehouse, published: SmallProject) -> None:
    published.land(NEWER)
    opened = published.build()
    with connect() as conn:
        approvals.park(conn, opened.build_id, [])
    published.roll_back(1)
    assert warehouse.rows("SELECT state, reason FROM meta.build WHERE build_id = %s", [opened.build_id]) == [
        ("superseded", "ann went back to build 1: amount of gift 1")
    ]


def test_columns_that_came_later_stay_and_are_null(warehouse: Warehouse, published: SmallProject) -> None:
    published.edit("views.givers", "count(*) AS gifts", "count(*) AS gifts, max(gift.amount) AS largest")
    published.refresh()
    with warehouse.connect() as conn:
        conn.execute("CREATE VIEW public.largest AS SELECT giver, largest FROM views.givers")
    before = warehouse.oid("views.givers")
    published.roll_back(2)
    assert warehouse.oid("views.givers") == before
    assert warehouse.rows("SELECT giver, gifts, largest FROM views.givers ORDER BY 1") == [
        ("ann", 2, None),
        ("bob", 1, None),
    ]
    assert warehouse.value("SELECT pg_typeof(largest)::text FROM public.largest LIMIT 1") == "real"
    published.roll_back(3, run_id="forward")
    assert warehouse.rows("SELECT largest FROM public.largest ORDER BY giver") == [(5.5,), (7.5,)]
    published.tidy_up()
    assert not any(name.endswith("shown") for name in warehouse.relations(r"build\_%"))


def test_the_build_in_use_is_kept_however_old(warehouse: Warehouse, published: SmallProject) -> None:
    published.roll_back(1)
    published.keeping(1).tidy_up()
    assert total(warehouse) == 13.75
    with pytest.raises(psycopg.errors.UndefinedTable):
        warehouse.value("SELECT count(*) FROM build_2.gifts")
