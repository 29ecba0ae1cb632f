"""Runs take turns, whatever became of those before them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import turns
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.hooks.warehouse.turns import Asker
from tests.support.small_project import SYSTEM, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def meta(warehouse: Warehouse, small: SmallProject) -> None:
    with connect() as conn:
        ensure_meta(conn, small.load().tables)


def take(run_id: str, active: set[str], due: datetime = NOON) -> str | None:
    """None when the run has its turn, else who goes first; ``active`` are the runs that have not ended."""
    with connect() as conn:
        asker = Asker(SYSTEM, "refresh", run_id, due)
        return turns.take(conn, asker, len(active), lambda dag_id, other: other in active)


def release(run_id: str) -> None:
    with connect() as conn:
        turns.release(conn, SYSTEM, "refresh", run_id)


def test_alone_a_run_goes_at_once_and_again_when_it_is_tried_again() -> None:
    assert take("one", {"one"}) is None
    assert take("one", {"one"}) is None


def test_a_second_run_waits_until_the_first_gives_its_turn_back() -> None:
    assert take("one", {"one"}) is None
    assert take("two", {"one", "two"}) == "one"
    assert take("two", {"one", "two"}) == "one"
    release("one")
    assert take("two", {"one", "two"}) is None


def test_a_run_that_ended_without_giving_back_holds_up_nobody() -> None:
    assert take("killed", {"killed"}) is None
    assert take("two", {"two"}) is None


def test_beside_others_the_one_due_first_goes_first() -> None:
    active = {"late", "early"}
    assert take("late", active) == "a run that is due earlier, if there is one"
    assert take("early", active, NOON - timedelta(days=1)) is not None
    assert take("late", active) == "early"
    assert take("early", active, NOON - timedelta(days=1)) is None
    assert take("late", active) == "early"


def test_a_run_that_waits_for_a_person_counts_for_nothing(warehouse: Warehouse) -> None:
    assert take("parked", {"parked"}) is None
    release("parked")
    warehouse.do(
        "INSERT INTO meta.build (system, run_id, state) VALUES ('small', 'parked', 'awaiting_approval')"
    )
    assert take("next", {"parked", "next"}) is None


def test_one_that_asked_and_ended_is_forgotten(warehouse: Warehouse) -> None:
    assert take("gone", {"gone", "other"}, NOON - timedelta(days=1)) is not None
    assert take("two", {"two"}) is None
    assert warehouse.rows("SELECT run_id FROM meta.turn") == [("two",)]
