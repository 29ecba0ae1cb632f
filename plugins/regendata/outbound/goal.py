"""The daily post about the goal: prepare, ask if need be, send once."""

from __future__ import annotations

import logging
import os
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from regendata.exceptions import PostRefused
from regendata.hooks.metabase import MetabaseHook
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import goal_posts
from regendata.hooks.warehouse.goal_posts import GoalPost
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.hooks.x_twitter import AlreadyPosted, XHook
from regendata.models.project import load_project
from regendata.settings import Settings
from regendata.sources.goal.decision import Rules, judge
from regendata.sources.goal.picture import description, draw
from regendata.sources.goal.text import Goal, post_text
from regendata.sources.metabase import ALLO_GMV, only_figure

log = logging.getLogger(__name__)
SYSTEM = "grants"


def folder_of(settings: Settings) -> Path:
    """Where posts go that only go to a file."""
    return Path(os.environ.get("AIRFLOW_HOME") or Path.home() / "airflow") / settings.goal_folder


def prepare(conn: PgConnection, settings: Settings, now: datetime) -> GoalPost:
    """Today's post, written down; one that was begun before stays as it is.

    :raises PostRefused: the figure cannot be trusted today.
    :raises SourceUnavailable: Metabase does not answer, or with something else than one number.
    """
    ensure_meta(conn, load_project(SYSTEM).tables)
    day = now.date()
    begun = goal_posts.find(conn, day)
    if begun is not None and begun.state in ("sending", *goal_posts.SENT):
        log.info("the post of %s is %s already", day, begun.state)
        return begun
    figure = only_figure(MetabaseHook().rows(ALLO_GMV.number), ALLO_GMV.number)
    found = _judged(conn, figure, now, settings)
    goal_posts.prepare(conn, found)
    if found.state == "refused":
        raise PostRefused(f"nothing is posted on {day}: {found.note}")
    return found


def _judged(conn: PgConnection, figure: Decimal, now: datetime, settings: Settings) -> GoalPost:
    day, goal = now.date(), _goal(settings)
    refresh = goal_posts.last_refresh(conn, SYSTEM, str(ALLO_GMV.relation))
    rules = Rules(timedelta(hours=settings.goal_max_age_hours), settings.goal_off_trend_pct)
    verdict = judge(figure, day, now, refresh, goal_posts.past(conn, day), rules)
    state = "refused" if verdict.refused else "asked" if verdict.question and is_live(settings) else "ready"
    build_id = refresh.build_id if refresh else None
    text = post_text(goal, figure, day)
    return GoalPost(day, state, figure, goal.amount, text, build_id, verdict.question, verdict.refused)


def is_live(settings: Settings) -> bool:
    """Whether posts go to X: there are credentials, and nobody said otherwise."""
    return settings.goal_dry_run != "yes" and XHook().has_credentials


def send(conn: PgConnection, day: date, settings: Settings, folder: Path) -> GoalPost:
    """Send a prepared post once; a second call finds it sent.

    :param folder: where posts go that only go to a file.
    :raises PostRefused: it waits for a person, was refused, or X will not have it.
    :raises SourceUnavailable: X does not answer. The next try says the same words, which X takes once.
    """
    post = goal_posts.find(conn, day)
    if post is not None and post.state in goal_posts.SENT:
        return post
    goal_posts.begin_sending(conn, day)
    post = goal_posts.find(conn, day)
    if post is None:
        raise PostRefused(f"the post of {day} is gone")
    picture, words = _picture(conn, post, settings)
    if is_live(settings):
        _post(conn, post, picture, words)
    else:
        _write(conn, post, picture, folder / f"{day}")
    return goal_posts.find(conn, day) or post


def _post(conn: PgConnection, post: GoalPost, picture: bytes, words: str) -> None:
    try:
        post_id = XHook().post(post.text, picture, words)
    except AlreadyPosted as error:
        goal_posts.finish(conn, post.day, "posted", f"found posted: {error}")
        return
    goal_posts.finish(conn, post.day, "posted", "posted", post_id)


def _write(conn: PgConnection, post: GoalPost, picture: bytes, place: Path) -> None:
    asks = f"\n\nA person would be asked: {post.question}" if post.question else ""
    place.mkdir(parents=True, exist_ok=True)
    (place / "post.png").write_bytes(picture)
    (place / "post.txt").write_text(post.text + asks + "\n", encoding="utf-8")
    goal_posts.finish(conn, post.day, "written", f"written to {place.name}/post.txt and post.png")
    log.info("written to %s", place)


def _picture(conn: PgConnection, post: GoalPost, settings: Settings) -> tuple[bytes, str]:
    """PNG and its words, from what is written down, so that they are the same after a retry."""
    goal = Goal(settings.goal_name, post.goal, settings.goal_link)
    drawn = draw(goal, post.figure, post.day, goal_posts.past(conn, post.day))
    return drawn, description(goal, post.figure, post.day)


def _goal(settings: Settings) -> Goal:
    return Goal(settings.goal_name, Decimal(settings.goal_usd), settings.goal_link)
