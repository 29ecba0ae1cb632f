"""The queue of sign-ups. Postgres quotes rows in its errors, so none of them leaves this module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from psycopg.rows import kwargs_row

from regendata import paths
from regendata.exceptions import SourceUnavailable
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.permissions import Applied, apply_permissions
from regendata.hooks.warehouse.schema import ensure_tables
from regendata.models.project import load_project
from regendata.publish.permissions import read_permissions
from regendata.sources.sign_ups.bounces import Bounce
from regendata.sources.sign_ups.form import SignUp
from regendata.sources.sign_ups.machine import ENDED, OPEN, SAME_WITHIN, Request

SCHEMA = "sign_ups"
#: Any constant of its own: one run at a time works on the queue.
_ADVISORY_LOCK = 7_231_011


@contextmanager
def private() -> Iterator[None]:
    """Errors of the database by their code alone.

    :raises SourceUnavailable: in place of any of them.
    """
    try:
        yield
    except psycopg.Error as error:
        raise SourceUnavailable(f"sign-ups: {type(error).__name__} {error.sqlstate or ''}".strip()) from None


def prepare(conn: PgConnection) -> Applied:
    """Tables of the queue, and the rights of the form's role."""
    ensure_tables(conn, load_project("grants").tables, SCHEMA)
    return apply_permissions(conn, read_permissions(paths.SIGN_UP_PERMISSIONS))


def hand_in(conn: PgConnection, request_id: UUID, person: SignUp) -> None:
    """Keep a sign-up, as the form's role; a repeated one is kept once."""
    with private():
        conn.execute(
            "INSERT INTO sign_ups.inbox (request_id, email, first_name, last_name) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [request_id, person.email, person.first_name, person.last_name],
        )


def record_bounce(conn: PgConnection, bounce: Bounce) -> None:
    """Keep what the webhook told, as the form's role; Postmark tells some things twice."""
    with private():
        conn.execute(
            "INSERT INTO sign_ups.bounce (bounce_id, message_id, kind, is_inactive, bounced_at) "
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [bounce.bounce_id, bounce.message_id, bounce.kind, bounce.is_inactive, bounce.bounced_at],
        )


@contextmanager
def alone(conn: PgConnection) -> Iterator[bool]:
    """Whether nobody else works on the queue meanwhile."""
    row = conn.execute("SELECT pg_try_advisory_lock(%s)", [_ADVISORY_LOCK]).fetchone()
    is_ours = bool(row and row[0])
    try:
        yield is_ours
    finally:
        if is_ours and not conn.closed:
            conn.execute("SELECT pg_advisory_unlock(%s)", [_ADVISORY_LOCK])


_TAKE_UP = """
WITH taken AS (DELETE FROM sign_ups.inbox RETURNING *),
numbered AS (
  SELECT *, row_number() OVER (PARTITION BY email ORDER BY received_at, request_id) AS place FROM taken
)
INSERT INTO sign_ups.request (
  request_id, email, first_name, last_name, state, received_at, next_at, ended_at, note
)
SELECT n.request_id, n.email, n.first_name, n.last_name,
  CASE WHEN s.is_same THEN 'merged' ELSE 'queued' END, n.received_at, %(now)s,
  CASE WHEN s.is_same THEN %(now)s END,
  CASE WHEN s.is_same THEN 'the same address signed up shortly before' END
FROM numbered AS n
CROSS JOIN LATERAL (
  SELECT n.place > 1 OR EXISTS (
    SELECT FROM sign_ups.request AS r WHERE r.email = n.email
      AND (r.state = ANY(%(open)s) OR r.state IN ('done', 'given_up') AND r.received_at > %(since)s)
  ) AS is_same
) AS s
ON CONFLICT (request_id) DO NOTHING
"""


def take_up(conn: PgConnection, now: datetime) -> int:
    """Move the inbox into the queue in one statement; returns how many came."""
    values = {"now": now, "open": list(OPEN), "since": now - SAME_WITHIN}
    with private():
        return conn.execute(_TAKE_UP.encode(), values).rowcount


_DUE = """
SELECT request_id::text, email, first_name, last_name, state, received_at, next_at, has_account_before, tries,
  tried_at, message_id, note
FROM sign_ups.request WHERE state = ANY(%s) AND next_at <= %s ORDER BY tries, received_at, request_id LIMIT %s
"""


def due(conn: PgConnection, now: datetime, most: int) -> list[Request]:
    """Open requests whose time has come, those that failed most often last: they stop nobody else."""
    with private(), conn.cursor(row_factory=kwargs_row(Request)) as cursor:
        return cursor.execute(_DUE, [list(OPEN), now, most]).fetchall()


def save(conn: PgConnection, request: Request, now: datetime) -> None:
    """Write a step down."""
    values = vars(request) | {"now": now, "ended": [*ENDED, "given_up"]}
    with private():
        conn.execute(
            "UPDATE sign_ups.request SET state = %(state)s, has_account_before = %(has_account_before)s, "
            "tries = %(tries)s, tried_at = %(tried_at)s, next_at = %(next_at)s, note = %(note)s, "
            "message_id = %(message_id)s, "
            "ended_at = CASE WHEN %(state)s = ANY(%(ended)s::text[]) THEN %(now)s::timestamptz END "
            "WHERE request_id = %(request_id)s::uuid",
            values,
        )


def settle_bounces(conn: PgConnection) -> int:
    """Mark sign-ups whose mail came back; returns how many."""
    with private():
        return conn.execute(
            "UPDATE sign_ups.request AS r SET state = 'bounced', note = 'mail came back: ' || b.kind "
            "FROM sign_ups.bounce AS b WHERE b.message_id = r.message_id AND r.state = 'done' "
            "AND (b.is_inactive OR b.kind IN ('HardBounce', 'SpamComplaint'))"
        ).rowcount


def queue_again(conn: PgConnection, now: datetime) -> int:
    """Take up anew what was given up, at the step where it was; returns how many."""
    with private():
        return conn.execute(
            "UPDATE sign_ups.request SET state = CASE WHEN has_account_before IS NULL THEN 'inviting' "
            "ELSE 'mailing' END, next_at = %(now)s, received_at = %(now)s, tries = 0, ended_at = NULL "
            "WHERE state = 'given_up' AND email IS NOT NULL",
            {"now": now},
        ).rowcount


def forget(conn: PgConnection, now: datetime, keep: timedelta) -> int:
    """Erase name and address of sign-ups that ended long ago; returns how many."""
    with private():
        return conn.execute(
            "UPDATE sign_ups.request SET email = NULL, first_name = NULL, last_name = NULL "
            "WHERE state = ANY(%s) AND ended_at < %s AND email IS NOT NULL",
            [list(ENDED), now - keep],
        ).rowcount


@dataclass(frozen=True)
class QueueState:
    """Where the queue stands.

    :param states: requests by state.
    :param oldest: when the oldest open request came in.
    """

    states: dict[str, int]
    oldest: datetime | None


def look(conn: PgConnection) -> QueueState:
    """Counts by state, and the oldest open request."""
    with private():
        rows = conn.execute(
            "SELECT state, count(*), min(received_at) FROM sign_ups.request GROUP BY state"
        ).fetchall()
    waiting = [received for state, _, received in rows if state in OPEN]
    return QueueState({state: count for state, count, _ in rows}, min(waiting, default=None))
