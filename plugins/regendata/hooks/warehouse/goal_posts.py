"""The goal tracker's days: what was found, what was asked, what was posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg.rows import class_row

from regendata.exceptions import PostRefused
from regendata.hooks.postgres import PgConnection
from regendata.publish.approval import Answer
from regendata.sources.goal.decision import Past, Refresh

#: Days on which nothing more happens.
SENT = ("posted", "written")
#: States from which a post may go out; ``sending`` after a try whose answer was lost.
SENDABLE = ("ready", "approved", "sending")
_FIND = """
SELECT day, state, figure, goal, text, build_id, question, note, post_id FROM meta.goal_post WHERE day = %s
"""


@dataclass(frozen=True)
class GoalPost:
    """One day's post."""

    day: date
    state: str
    figure: Decimal
    goal: Decimal
    text: str
    build_id: int | None = None
    question: str | None = None
    note: str | None = None
    post_id: str | None = None


def find(conn: PgConnection, day: date) -> GoalPost | None:
    """The post of a day."""
    with conn.cursor(row_factory=class_row(GoalPost)) as cursor:
        return cursor.execute(_FIND, [day]).fetchone()


def prepare(conn: PgConnection, post: GoalPost) -> None:
    """Write a day's post down, or anew as long as nobody has begun to send it."""
    conn.execute(
        "INSERT INTO meta.goal_post (day, state, figure, goal, text, build_id, question, note) "
        "VALUES (%(day)s, %(state)s, %(figure)s, %(goal)s, %(text)s, %(build_id)s, %(question)s, %(note)s) "
        "ON CONFLICT (day) DO UPDATE SET state = excluded.state, figure = excluded.figure, "
        "goal = excluded.goal, text = excluded.text, build_id = excluded.build_id, "
        "question = excluded.question, note = excluded.note, who = NULL, why = NULL, "
        "prepared_at = clock_timestamp() "
        "WHERE goal_post.state IN ('refused', 'asked', 'ready', 'approved', 'rejected')",
        vars(post),
    )


def decide(conn: PgConnection, day: date, answer: Answer) -> None:
    """Write a person's answer down.

    :raises PostRefused: the post does not wait for one.
    """
    row = conn.execute(
        "UPDATE meta.goal_post SET state = %s, who = %s, why = %s WHERE day = %s AND state = 'asked' "
        "RETURNING day",
        [answer.state, answer.who, answer.why, day],
    ).fetchone()
    if row is None:
        raise PostRefused(f"the post of {day} does not wait for an answer")


def begin_sending(conn: PgConnection, day: date) -> None:
    """Say that it may be out from now on.

    :raises PostRefused: it was not prepared, waits for a person, or was refused.
    """
    row = conn.execute(
        "UPDATE meta.goal_post SET state = 'sending' WHERE day = %s AND state = ANY(%s) RETURNING day",
        [day, list(SENDABLE)],
    ).fetchone()
    if row is None:
        found = find(conn, day)
        raise PostRefused(f"the post of {day} is {found.state if found else 'not prepared'}")


def finish(conn: PgConnection, day: date, state: str, note: str, post_id: str | None = None) -> None:
    """It is out."""
    conn.execute(
        "UPDATE meta.goal_post SET state = %s, note = %s, post_id = coalesce(%s, post_id), "
        "sent_at = clock_timestamp() WHERE day = %s",
        [state, note, post_id, day],
    )


def past(conn: PgConnection, before: date) -> list[Past]:
    """Earlier posts, oldest first."""
    rows = conn.execute(
        "SELECT day, figure FROM meta.goal_post WHERE day < %s AND state = ANY(%s) ORDER BY day",
        [before, list(SENT)],
    ).fetchall()
    return [Past(*row) for row in rows]


_LAST_REFRESH = """
SELECT b.build_id, b.state, b.finished_at, coalesce((
  SELECT array_agg(c.check_name ORDER BY c.check_name) FROM meta.check_result AS c
  WHERE c.build_id = (
    SELECT build_id FROM meta.publication WHERE system = b.system ORDER BY publication_id DESC LIMIT 1
  ) AND c.relation = %(relation)s AND c.verdict = 'failed'
), '{}')
FROM meta.build AS b WHERE b.system = %(system)s AND b.state <> 'building'
ORDER BY b.build_id DESC LIMIT 1
"""


def last_refresh(conn: PgConnection, system: str, relation: str) -> Refresh | None:
    """The last build of a system that is not under way; failed checks of a card are of the build in use."""
    row = conn.execute(_LAST_REFRESH, {"system": system, "relation": relation}).fetchone()
    return Refresh(row[0], row[1], row[2], tuple(row[3])) if row else None
