"""A build that asks: it waits, and of answer, newer build and rollback exactly one wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from regendata.exceptions import BuildSuperseded, CheckFailed
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import approvals, builds, publications, retention
from regendata.publish.approval import Answer
from tests.support.small_project import GIFTS, NAMES, PATIENT, SYSTEM, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
FEWER = GIFTS[:2]
OTHER = [*FEWER, (9, 10, "zoe", 0.5)]
YES = Answer(is_approved=True, who="ann", why="chain 1 has ended")
NO = Answer(is_approved=False, who="bob", why="chain 1 is alive")


@pytest.fixture
def published(warehouse: Warehouse, small: SmallProject) -> SmallProject:
    """The small project, published once; a fall of more than 10 % asks."""
    small.edit(
        "public.gifts",
        "checks: {min_rows: 1, not_null: [id, giver], max_fall_pct: 10}",
        "checks: [{min_rows: 1, not_null: [id, giver]}, {severity: ask, max_fall_pct: 10}]",
    )
    small.refresh(GIFTS, NAMES)
    return small


def parked(project: SmallProject, gifts: object = FEWER, run_id: str = "asks") -> int:
    """A build of fewer gifts that waits for a person."""
    project.land(gifts)  # type: ignore[arg-type]
    opened = project.build(run_id)
    with connect() as conn:
        asked = approvals.questions(conn, opened.build_id)
        assert approvals.park(conn, opened.build_id, asked)
    return opened.build_id


def decide(build_id: int, answer: Answer) -> None:
    with connect() as conn:
        approvals.decide(conn, build_id, answer)


def state(warehouse: Warehouse, build_id: int) -> tuple[str, str]:
    return warehouse.rows("SELECT state, reason FROM meta.build WHERE build_id = %s", [build_id])[0]


def count(warehouse: Warehouse) -> int:
    return int(warehouse.value("SELECT count(*) FROM public.gifts"))


def test_what_asks_is_not_published_without_an_answer(warehouse: Warehouse, published: SmallProject) -> None:
    published.land(FEWER)
    opened = published.build()
    refused = r"build 2 needs approval: public\.gifts: max_fall rows: .* 33\.33 % less, expected at most 10 %"
    with pytest.raises(CheckFailed, match=refused):
        published.publish(opened.build_id)
    assert count(warehouse) == 3


def test_an_approved_build_is_published_with_who_and_why(
    warehouse: Warehouse, published: SmallProject
) -> None:
    build_id = parked(published)
    assert state(warehouse, build_id)[0] == "awaiting_approval"
    with pytest.raises(BuildSuperseded, match="build 2 is awaiting_approval"):
        published.publish(build_id)
    decide(build_id, YES)
    published.publish(build_id)
    assert count(warehouse) == 2
    assert warehouse.rows(
        "SELECT build_id, kind, replaced_build_id, who, why FROM meta.publication ORDER BY 1"
    ) == [
        (1, "publish", None, None, None),
        (2, "publish", 1, "ann", "chain 1 has ended"),
    ]
    assert warehouse.rows("SELECT answer, who, jsonb_array_length(questions) FROM meta.approval") == [
        ("approved", "ann", 1)
    ]


@pytest.mark.parametrize(
    ("answer", "reason", "kept"),
    [
        (NO, "rejected by bob: chain 1 is alive", "rejected"),
        (Answer(is_approved=False, who=None), "rejected: nobody answered in time", "timed out"),
    ],
)
def test_a_rejected_build_is_closed_and_leaves_nothing(
    answer: Answer, reason: str, kept: str, warehouse: Warehouse, published: SmallProject
) -> None:
    build_id = parked(published)
    decide(build_id, answer)
    published.tidy_up()
    assert state(warehouse, build_id) == ("rejected", reason)
    assert warehouse.value("SELECT answer FROM meta.approval") == kept
    assert warehouse.leftovers() == set()
    assert count(warehouse) == 3
    with pytest.raises(BuildSuperseded, match="build 2 is rejected"):
        published.publish(build_id)
    with pytest.raises(BuildSuperseded, match="build 2 is rejected"):
        decide(build_id, YES)


def test_a_rejected_build_is_not_made_again_until_an_input_changes(
    warehouse: Warehouse, published: SmallProject
) -> None:
    decide(parked(published), NO)
    again = published.refresh()
    assert again.ended == "no input changed since build 2, rejected by bob: chain 1 is alive"
    assert state(warehouse, again.build_id) == ("unchanged", again.ended)
    with connect() as conn:
        insisted = builds.open_build(conn, published.load(), "insists", again=True)
    assert not insisted.nothing_to_do
    assert not _opened_with(published, [*FEWER, (9, 10, "zoe", 0.5)]).nothing_to_do


def _opened_with(project: SmallProject, gifts: object) -> builds.OpenedBuild:
    project.land(gifts)  # type: ignore[arg-type]
    with connect() as conn:
        return builds.open_build(conn, project.load(), "next")


def test_the_next_run_takes_the_place_of_a_build_that_waits(
    warehouse: Warehouse, published: SmallProject
) -> None:
    waiting = parked(published)
    opened = _opened_with(published, OTHER)
    assert state(warehouse, waiting) == ("superseded", f"build {opened.build_id} of run next took its place")
    assert warehouse.relations(f"build\\_{waiting}") == set()
    for too_late in (lambda: decide(waiting, YES), lambda: published.publish(waiting)):
        with pytest.raises(BuildSuperseded, match="build 2 is superseded: build 3 of run next"):
            too_late()
    with connect() as conn, pytest.raises(BuildSuperseded):
        approvals.park(conn, waiting, [])
    assert count(warehouse) == 3


def test_an_approved_build_that_is_late_is_superseded_as_well(
    warehouse: Warehouse, published: SmallProject
) -> None:
    waiting = parked(published)
    decide(waiting, YES)
    _opened_with(published, OTHER)
    with pytest.raises(BuildSuperseded, match="build 2 is superseded"):
        published.publish(waiting)
    assert count(warehouse) == 3


def test_a_run_with_the_same_inputs_lets_the_question_stand(
    warehouse: Warehouse, published: SmallProject
) -> None:
    waiting = parked(published)
    again = published.refresh()
    assert again.ended == f"no input changed since build {waiting}, awaiting_approval"
    assert warehouse.relations(f"build\\_{waiting}") != set()
    decide(waiting, YES)
    published.publish(waiting)
    assert count(warehouse) == 2


def test_inputs_that_came_back_supersede_what_waits(warehouse: Warehouse, published: SmallProject) -> None:
    waiting = parked(published)
    assert published.refresh(GIFTS).ended == "no input changed"
    assert state(warehouse, waiting)[0] == "superseded"


def test_tidying_up_one_run_leaves_the_builds_of_others_alone(
    warehouse: Warehouse, published: SmallProject
) -> None:
    published.land(FEWER)
    opened = published.build("working")
    with connect() as conn:
        retention.give_up_open_builds(conn, SYSTEM, "the run failed", "another run")
    assert state(warehouse, opened.build_id)[0] == "building"
    with connect() as conn:
        retention.give_up_open_builds(conn, SYSTEM, "the run failed", "working")
    assert state(warehouse, opened.build_id) == ("failed", "the run failed")


def test_a_build_based_on_another_than_the_one_in_use_is_refused(
    warehouse: Warehouse, published: SmallProject
) -> None:
    published.land([*GIFTS, (4, 1, "dan", 2.0)])
    opened = published.build()
    warehouse.do("UPDATE meta.build SET based_on = 77 WHERE build_id = 2")
    with pytest.raises(BuildSuperseded, match="build 2 started from another build than 1"):
        published.publish(opened.build_id)
    assert count(warehouse) == 3


def test_a_task_that_was_killed_goes_on_where_it_was(warehouse: Warehouse, published: SmallProject) -> None:
    waiting = parked(published)
    with connect() as conn:
        asked = approvals.questions(conn, waiting)
        assert approvals.park(conn, waiting, asked), "killed before the question was written down"
        approvals.decide(conn, waiting, YES)
        assert not approvals.park(conn, waiting, asked), "killed after the answer"
    assert warehouse.rows("SELECT answer, who FROM meta.approval") == [("approved", "ann")]


def test_publishing_again_after_a_kill_changes_nothing(warehouse: Warehouse, published: SmallProject) -> None:
    assert published.publish(1).attempts == 0
    assert warehouse.value("SELECT count(*) FROM meta.publication") == 1


@pytest.mark.parametrize("first", ["publish", "open"])
def test_of_publish_and_newer_build_at_the_same_moment_one_wins(
    first: str, warehouse: Warehouse, published: SmallProject
) -> None:
    """Both want the system's lock, which the test holds until both wait; whoever asked first goes first."""
    waiting = parked(published)
    decide(waiting, YES)
    published.land(OTHER)
    outcomes: dict[str, object] = {}
    actions: dict[str, Callable[[], object]] = {
        "publish": lambda: published.publish(waiting, PATIENT),
        "open": lambda: _opened_with(published, OTHER),
    }
    order = [first, *(name for name in actions if name != first)]
    with warehouse.connect() as holder, holder.transaction():
        publications.lock(holder, SYSTEM)
        threads = [_started(name, actions[name], outcomes) for name in order[:1]]
        _wait_for_lock(warehouse)
        threads += [_started(name, actions[name], outcomes) for name in order[1:]]
    for thread in threads:
        thread.join(20)
    states = dict(warehouse.rows("SELECT build_id, state FROM meta.build WHERE build_id IN (2, 3)"))
    in_use = warehouse.value("SELECT max(build_id) FROM meta.publication")
    assert (states[2], in_use, count(warehouse)) in [("published", 2, 2), ("superseded", 1, 3)]
    assert isinstance(outcomes["publish"], BuildSuperseded) == (states[2] == "superseded")
    assert warehouse.value("SELECT based_on FROM meta.build WHERE build_id = 3") == in_use


def _started(name: str, action: Callable[[], object], outcomes: dict[str, object]) -> threading.Thread:
    def run() -> None:
        try:
            outcomes[name] = action()
        except BuildSuperseded as error:
            outcomes[name] = error

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _wait_for_lock(warehouse: Warehouse) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    for _ in range(200):
        if warehouse.value(waiting):
            return
        threading.Event().wait(0.02)
    raise AssertionError("nobody waits for the lock")


def test_the_page_tells_what_fell_where_and_which_rows(warehouse: Warehouse, published: SmallProject) -> None:
    from regendata.hooks.warehouse.diffs import compare_build

    published.land([GIFTS[0], (7, 10, "<b>|eve|</b>", 0.25)])
    opened = published.build()
    with connect() as conn:
        compare_build(conn, opened.build_id, published.load(), published.settings)
        asked = approvals.questions(conn, opened.build_id)
        approvals.park(conn, opened.build_id, asked)
        page = approvals.page(conn, opened.build_id, asked, timedelta(hours=12))
    assert page.subject == "Publish build 2 of small?"
    assert "| public.gifts | max\\_fall rows |" in page.body
    assert "keeps build 1 in use" in page.body
    assert "#### public.gifts by chain\\_id" in page.body
    assert "| 10 | 1 | 1 | 0 | -7.25 |" in page.body
    assert "- removed: `{" in page.body
