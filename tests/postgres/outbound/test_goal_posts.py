"""A day of the goal tracker: card, judgement, question, one post."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import TaskAwaitingInput

from regendata.exceptions import BadSourceAnswer, PostRefused, SourceBusy, SourceUnavailable
from regendata.hooks import x_twitter
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import goal_posts
from regendata.hooks.warehouse.goal_posts import GoalPost
from regendata.operators.goal import ApproveGoalPostOperator
from regendata.outbound import goal
from regendata.settings import Settings
from tests.postgres.outbound.conftest import Outside
from tests.support import guarantees

pytestmark = pytest.mark.postgres

SETTINGS = Settings(goal_usd=1_000)
NOW = datetime(2026, 11, 22, 14, 30, tzinfo=timezone.utc)
DAY = NOW.date()


@pytest.fixture
def today(conn: PgConnection, outside: Outside) -> Outside:
    """A green refresh an hour ago, and the card at 500."""
    refresh(conn, "published")
    show(outside, [{"allo_gmv": 500.25}])
    return outside


def refresh(conn: PgConnection, state: str, ended: datetime | None = NOW - timedelta(hours=1)) -> int:
    row = conn.execute(
        "INSERT INTO meta.build (system, run_id, state, finished_at) VALUES ('grants', 'r', %s, %s) "
        "RETURNING build_id",
        [state, ended],
    ).fetchone()
    assert row is not None
    if state == "published":
        conn.execute(
            "INSERT INTO meta.publication (system, build_id, kind) VALUES ('grants', %s, 'publish')", row
        )
    return int(row[0])


def show(outside: Outside, rows: list[Any]) -> None:
    outside.stand_ins.set("metabase", cards={"196": rows})


def posted(conn: PgConnection, day: date, figure: int) -> None:
    goal_posts.prepare(conn, GoalPost(day, "ready", figure, 1_000, "x"))  # type: ignore[arg-type]
    goal_posts.finish(conn, day, "posted", "posted")


def send(conn: PgConnection, folder: Path, settings: Settings = SETTINGS) -> GoalPost:
    return goal.send(conn, DAY, settings, folder)


def test_a_day(conn: PgConnection, today: Outside, tmp_path: Path) -> None:
    prepared = goal.prepare(conn, SETTINGS, NOW)
    assert (prepared.state, float(prepared.figure)) == ("ready", 500.25)
    sent = send(conn, tmp_path)
    (post,) = today.posts
    assert (sent.state, sent.post_id) == ("posted", post["id"])
    assert post["text"].startswith("Allo GMV: $500 of $1,000\n█████░░░░░ 50.0 %\n22 November 2026")
    assert len(post["pictures"]) == 1
    assert list(tmp_path.iterdir()) == []


def test_once_a_day(conn: PgConnection, today: Outside, tmp_path: Path) -> None:
    goal.prepare(conn, SETTINGS, NOW)
    send(conn, tmp_path)
    show(today, [{"allo_gmv": 600}])
    assert goal.prepare(conn, SETTINGS, NOW + timedelta(hours=2)).state == "posted"
    assert send(conn, tmp_path).state == "posted"
    assert len(today.posts) == 1


def test_the_picture_is_the_one_of_the_ledger(conn: PgConnection, today: Outside, tmp_path: Path) -> None:
    goal.prepare(conn, SETTINGS, NOW)
    send(conn, tmp_path, Settings(goal_usd=1_000, goal_dry_run="yes"))
    conn.execute("UPDATE meta.goal_post SET state = 'ready'")
    send(conn, tmp_path)
    written = (tmp_path / "2026-11-22" / "post.png").read_bytes()
    assert today.posts[0]["pictures"] == [hashlib.sha256(written).hexdigest()]


LOST = [{"drop": True}, {"truncate": True}]


@pytest.mark.parametrize("trouble", LOST)
def test_a_post_whose_answer_is_lost_is_not_made_twice(
    trouble: dict[str, bool],
    conn: PgConnection,
    today: Outside,
    tmp_path: Path,
    guarantee: guarantees.Recorder,
) -> None:
    goal.prepare(conn, SETTINGS, NOW)
    today.stand_ins.trouble("x", path="/2/tweets", times=1, **trouble)
    with pytest.raises(SourceUnavailable, match=r"^X: \w+$"):
        send(conn, tmp_path)
    found = goal_posts.find(conn, DAY)
    assert found is not None
    assert found.state == "sending"
    assert goal.prepare(conn, SETTINGS, NOW).state == "sending"
    sent = send(conn, tmp_path)
    assert (sent.state, sent.post_id) == ("posted", None)
    assert (
        sent.note
        == "found posted: X: 403 Forbidden You are not allowed to create a Tweet with duplicate content."
    )
    assert len(today.posts) == 1
    guarantee(
        "one post a day",
        promise="A post whose answer is lost after it went out is found by the next try, not made again.",
        figures={f"posts after an answer with {next(iter(trouble))}": len(today.posts)},
    )


def test_an_answer_that_comes_too_late(
    conn: PgConnection, today: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goal.prepare(conn, SETTINGS, NOW)
    today.stand_ins.trouble("x", path="/2/tweets", latency=0.6, times=1)
    monkeypatch.setattr(x_twitter, "TIMEOUT_S", 0.2)
    with pytest.raises(SourceUnavailable, match="X: ReadTimeout"):
        send(conn, tmp_path)
    monkeypatch.setattr(x_twitter, "TIMEOUT_S", 30)
    assert send(conn, tmp_path).state == "posted"
    assert len(today.posts) == 1


@pytest.mark.parametrize(
    ("path", "status", "error", "said"),
    [
        ("/2/tweets", 503, SourceUnavailable, "X: HTTP 503"),
        ("/2/media/upload", 503, SourceUnavailable, "X: HTTP 503"),
        ("/2/tweets", 429, SourceBusy, r"X: HTTP 429, again in \d+ s"),
        ("/2/media/*", 429, SourceBusy, r"X: HTTP 429, again in \d+ s"),
        ("/2/tweets", 401, PostRefused, "X: 401 Unauthorized"),
        ("/2/tweets", 403, PostRefused, "X: 403 Forbidden"),
        ("/2/media/upload", 400, PostRefused, "X: 400 Bad Request"),
    ],
)
def test_x_in_trouble(
    path: str,
    status: int,
    error: type[Exception],
    said: str,
    conn: PgConnection,
    today: Outside,
    tmp_path: Path,
) -> None:
    goal.prepare(conn, SETTINGS, NOW)
    today.stand_ins.trouble("x", path=path, status=status, times=1)
    with pytest.raises(error, match=f"^{said}"):
        send(conn, tmp_path)
    assert today.posts == []
    assert send(conn, tmp_path).state == "posted"


def test_wrong_keys(
    conn: PgConnection, today: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goal.prepare(conn, SETTINGS, NOW)
    connection = today.connections["X"] | {"password": "wrong-secret"}
    monkeypatch.setenv("AIRFLOW_CONN_X", json.dumps(connection))
    with pytest.raises(PostRefused, match="X: 401 Unauthorized") as caught:
        send(conn, tmp_path)
    assert "wrong-secret" not in str(caught.value)


@pytest.mark.parametrize("how", ["no connection", "no tokens", "setting"])
def test_without_credentials_it_goes_to_a_file(
    how: str, conn: PgConnection, today: Outside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(goal_usd=1_000, goal_dry_run="yes" if how == "setting" else "")
    if how == "no connection":
        monkeypatch.delenv("AIRFLOW_CONN_X")
    if how == "no tokens":
        monkeypatch.setenv("AIRFLOW_CONN_X", json.dumps({**today.connections["X"], "extra": {}}))
    posted(conn, DAY - timedelta(days=1), 100)
    assert goal.prepare(conn, settings, NOW).state == "ready"
    sent = send(conn, tmp_path, settings)
    text = (tmp_path / "2026-11-22" / "post.txt").read_text()
    assert (sent.state, sent.note) == ("written", "written to 2026-11-22/post.txt and post.png")
    assert text.startswith("Allo GMV: $500 of $1,000")
    assert "A person would be asked: 500.25 is more than 5 % off the trend: 100.00 after" in text
    assert (tmp_path / "2026-11-22" / "post.png").read_bytes().startswith(b"\x89PNG")
    assert today.stand_ins.received("x") == []


def test_a_figure_that_fell_is_not_posted(conn: PgConnection, today: Outside, tmp_path: Path) -> None:
    posted(conn, DAY - timedelta(days=1), 501)
    with pytest.raises(PostRefused, match=r"the figure fell from 501\.00 on 2026-11-21 to 500\.25"):
        goal.prepare(conn, SETTINGS, NOW)
    with pytest.raises(PostRefused, match="the post of 2026-11-22 is refused"):
        send(conn, tmp_path)
    assert today.posts == []


def test_a_refusal_is_judged_anew_by_the_next_run(conn: PgConnection, today: Outside) -> None:
    refresh(conn, "failed")
    with pytest.raises(PostRefused, match="the refresh is not green: build"):
        goal.prepare(conn, SETTINGS, NOW)
    refresh(conn, "unchanged")
    assert goal.prepare(conn, SETTINGS, NOW).state == "ready"


def test_a_build_under_way_says_nothing_yet(conn: PgConnection, today: Outside) -> None:
    refresh(conn, "building", None)
    assert goal.prepare(conn, SETTINGS, NOW).state == "ready"


def test_a_stale_refresh(conn: PgConnection, today: Outside) -> None:
    with pytest.raises(PostRefused, match="the refresh is stale"):
        goal.prepare(conn, SETTINGS, NOW + timedelta(hours=12))


def test_a_card_that_differed_from_the_warehouse(conn: PgConnection, today: Outside) -> None:
    conn.execute(
        "INSERT INTO meta.check_result (build_id, relation, check_name, severity, verdict, passed, expected, "
        "statement) SELECT max(build_id), 'metabase.card_196', 'card 196 allo_gmv', 'warn', 'failed', false, "
        "'1', 'SELECT 1' FROM meta.build"
    )
    refresh(conn, "unchanged")
    with pytest.raises(PostRefused, match=r"failed: card 196 allo_gmv$"):
        goal.prepare(conn, SETTINGS, NOW)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"allo_gmv": "500"}], "Metabase card 196: allo_gmv is str '500', not a number"),
        ([{"allo_gmv": None}], "Metabase card 196: allo_gmv is nothing, not a number"),
        ([], "Metabase card 196: 0 rows, not one"),
    ],
)
def test_a_card_of_wrong_types(rows: list[Any], said: str, conn: PgConnection, today: Outside) -> None:
    show(today, rows)
    with pytest.raises(BadSourceAnswer, match=f"^{said}$"):
        goal.prepare(conn, SETTINGS, NOW)


def test_a_failed_query_comes_without_an_http_error(conn: PgConnection, today: Outside) -> None:
    today.stand_ins.set("metabase", query_fails=True)
    with pytest.raises(BadSourceAnswer, match="card 196: its query failed, 42501: ERROR: permission denied"):
        goal.prepare(conn, SETTINGS, NOW)
    assert today.stand_ins.received("metabase")[0]["status"] == 202


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"status": 503}, "Metabase card 196: HTTP 503"),
        ({"status": 404}, "Metabase card 196: HTTP 404"),
        ({"html": True}, "Metabase card 196: HTTP 200, the answer is not JSON"),
    ],
)
def test_metabase_in_trouble(trouble: dict[str, Any], said: str, conn: PgConnection, today: Outside) -> None:
    today.stand_ins.trouble("metabase", **trouble)
    with pytest.raises(SourceUnavailable, match=f"^{said}$"):
        goal.prepare(conn, SETTINGS, NOW)


# The person who is asked.


@pytest.fixture
def asked(conn: PgConnection, today: Outside, monkeypatch: pytest.MonkeyPatch) -> ApproveGoalPostOperator:
    """A figure five times as high as yesterday's."""
    posted(conn, DAY - timedelta(days=1), 100)
    assert goal.prepare(conn, SETTINGS, NOW).state == "asked"
    return ApproveGoalPostOperator(task_id="approve", day="2026-11-22")


def answer(option: str, who: str | None = "ann") -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {"why": "a large round was paid"},
        "responded_at": NOW,
        "responded_by_user": {"id": "1", "name": who} if who else None,
    }


def test_the_question(
    asked: ApproveGoalPostOperator, conn: PgConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr(
        "airflow.providers.standard.operators.hitl.upsert_hitl_detail", lambda **given: told.update(given)
    )
    ti = SimpleNamespace(id="ti", dag_id="goal_tracker", run_id="r", task_id="approve")
    with pytest.raises(TaskAwaitingInput):
        asked.execute({"task_instance": ti, "ti": ti, "task": asked})  # type: ignore[typeddict-item]
    assert conn.execute("SELECT subject FROM meta.question").fetchall() == [(told["subject"],)]
    assert told["subject"] == "Post 500.25 on 2026-11-22?"
    assert told["body"].startswith("500.25 is more than 5 % off the trend: 100.00 after 100.00 on 2026-11-21")
    assert "Allo GMV: $500 of $1,000" in told["body"]
    assert (told["options"], told["defaults"]) == (["Approve", "Reject"], ["Reject"])


def test_nothing_goes_out_unanswered(
    asked: ApproveGoalPostOperator, conn: PgConnection, today: Outside, tmp_path: Path
) -> None:
    with pytest.raises(PostRefused, match="the post of 2026-11-22 is asked"):
        send(conn, tmp_path)
    assert today.posts == []


def test_an_approval(
    asked: ApproveGoalPostOperator, conn: PgConnection, today: Outside, tmp_path: Path
) -> None:
    said = asked.execute_complete({}, answer("Approve"))  # type: ignore[arg-type]
    assert said == {"who": "ann", "why": "a large round was paid"}
    assert send(conn, tmp_path).state == "posted"
    assert conn.execute("SELECT who, why FROM meta.goal_post WHERE day = %s", [DAY]).fetchone() == (
        "ann",
        "a large round was paid",
    )


@pytest.mark.parametrize(
    ("who", "said"),
    [("ann", "rejected by ann: a large round was paid"), (None, "rejected: nobody answered in time")],
)
def test_a_rejection(
    who: str | None, said: str, asked: ApproveGoalPostOperator, conn: PgConnection, tmp_path: Path
) -> None:
    with pytest.raises(PostRefused, match=f"the post of 2026-11-22 was {said}"):
        asked.execute_complete({}, answer("Reject", who))  # type: ignore[arg-type]
    with pytest.raises(PostRefused, match="is rejected"):
        send(conn, tmp_path)


def test_nobody_is_asked_about_a_figure_on_its_trend(conn: PgConnection, today: Outside) -> None:
    goal.prepare(conn, SETTINGS, NOW)
    assert ApproveGoalPostOperator(task_id="approve", day="2026-11-22").execute({}) is None  # type: ignore[arg-type]
