"""The tasks themselves, in this process: what they do, and what of it Airflow keeps."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import sign_ups as queue
from regendata.operators.goal import (
    ApproveGoalPostOperator,
    PrepareGoalPostOperator,
    SendGoalPostOperator,
)
from regendata.operators.metabase import CheckMetabaseCardsOperator, SyncMetabaseOperator
from regendata.operators.sign_ups import AGAIN, PrepareSignUpsOperator, WorkSignUpsOperator
from regendata.sources.sign_ups.form import SignUp
from tests.postgres.outbound.conftest import Outside

pytestmark = pytest.mark.postgres


def run(task: Any, **context: Any) -> Any:
    """What the task returns, as Airflow keeps it."""
    return json.loads(json.dumps(task.execute(context)))


def test_sign_ups(form: PgConnection, outside: Outside) -> None:
    queue.hand_in(form, uuid.uuid4(), SignUp("ada@people.example.org", "Ada", "Lovelace"))
    assert run(PrepareSignUpsOperator(task_id="prepare")) == []
    assert run(WorkSignUpsOperator(task_id="work_queue"), params={AGAIN: True}) == {"done": 1}
    assert len(outside.mails) == 1


def test_a_day_of_the_goal(
    conn: PgConnection, outside: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("REGENDATA_GOAL_DRY_RUN", "yes")
    conn.execute(
        "INSERT INTO meta.build (system, run_id, state, finished_at) "
        "VALUES ('grants', 'r', 'unchanged', clock_timestamp())"
    )
    outside.stand_ins.set("metabase", cards={"196": [{"allo_gmv": 5_000_000}]})
    day = run(PrepareGoalPostOperator(task_id="prepare_post"))
    assert day == f"{datetime.now(timezone.utc):%Y-%m-%d}"
    assert run(ApproveGoalPostOperator(task_id="approve", day=day)) is None
    note = f"written to {day}/post.txt and post.png"
    sent = run(SendGoalPostOperator(task_id="send_post", day=day))
    assert sent == {"state": "written", "post_id": None, "note": note}
    assert "5.0 %" in (tmp_path / "goal_posts" / day / "post.txt").read_text()


def test_metabase_before_anything_is_published(conn: PgConnection, outside: Outside) -> None:
    assert run(SyncMetabaseOperator(task_id="sync_schema", system="grants")) == "synced"
    assert run(CheckMetabaseCardsOperator(task_id="check_cards", system="grants")) == {}
