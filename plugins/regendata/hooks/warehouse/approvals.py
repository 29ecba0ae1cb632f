"""Builds that a person decides about: what is asked, who answered, and what became of the build.

A build waits in state ``awaiting_approval``. Every way on from there is one UPDATE that names the state it
expects, so of an answer, a newer build and a rollback that come at the same moment exactly one wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from regendata.exceptions import BuildSuperseded, CheckFailed
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import diff_records, publications
from regendata.models.relation import Relation
from regendata.publish.approval import Answer, Question
from regendata.publish.approval_page import Page

#: A build that waits, with its answer or without.
PARKED = ["awaiting_approval", "approved"]

_ASKS_QUERY = """
SELECT relation, check_name, figure, expected, samples FROM meta.check_result
WHERE build_id = %s AND severity = 'ask' AND verdict = 'failed' ORDER BY relation, check_name
"""


@dataclass(frozen=True)
class BuildState:
    """Where a build stands, and the reason if it has one."""

    system: str
    run_id: str
    state: str
    reason: str | None


def read_state(conn: PgConnection, build_id: int) -> BuildState:
    """:raises BuildSuperseded: there is no such build."""
    row = conn.execute(
        "SELECT system, run_id, state, reason FROM meta.build WHERE build_id = %s", [build_id]
    ).fetchone()
    if row is None:
        raise BuildSuperseded(f"there is no build {build_id}")
    return BuildState(*row)


def questions(conn: PgConnection, build_id: int) -> list[Question]:
    """What a person has to decide about a build: checks that ask, and a rollback that asks for the next."""
    asked = [Question(*row) for row in conn.execute(_ASKS_QUERY, [build_id]).fetchall()]
    last = publications.current(conn, read_state(conn, build_id).system)
    if last and last.asks_next:
        figure = f"build {last.build_id} is in use since a rollback by {last.who}: {last.why}"
        asked.append(Question("", "publish after a rollback", figure, "a person's approval"))
    return asked


def park(conn: PgConnection, build_id: int, asked: list[Question]) -> bool:
    """Let the build wait for a person.

    :returns: whether it waits; False when it was approved before.
    :raises BuildSuperseded: it was given up meanwhile.
    """
    with conn.transaction():
        parked = conn.execute(
            "UPDATE meta.build SET state = 'awaiting_approval' "
            "WHERE build_id = %s AND state IN ('building', 'awaiting_approval') RETURNING build_id",
            [build_id],
        ).fetchone()
        if parked:
            conn.execute(
                "INSERT INTO meta.approval (build_id, questions) VALUES (%s, %s) "
                "ON CONFLICT (build_id) DO UPDATE SET questions = excluded.questions",
                [build_id, json.dumps([asdict(question) for question in asked], default=str)],
            )
            return True
    found = read_state(conn, build_id)
    if found.state not in ("approved", "published"):
        raise superseded(build_id, found)
    return False


def page(conn: PgConnection, build_id: int, asked: list[Question], limit: timedelta) -> Page:
    """What a person needs to decide; the time to answer starts when the build was parked first."""
    row = conn.execute(
        "SELECT b.system, b.based_on, a.asked_at FROM meta.approval AS a "
        "INNER JOIN meta.build AS b ON b.build_id = a.build_id WHERE a.build_id = %s",
        [build_id],
    ).fetchone()
    if row is None:
        raise BuildSuperseded(f"nothing was asked about build {build_id}")
    system, in_use, asked_at = row
    return Page(system, build_id, in_use, asked, diff_records.read_diffs(conn, build_id), asked_at + limit)


def decide(conn: PgConnection, build_id: int, answer: Answer) -> None:
    """Write an answer down; a rejected build is closed.

    :raises BuildSuperseded: a newer build or a rollback came first.
    """
    with conn.transaction():
        decided = conn.execute(
            "UPDATE meta.build SET state = %(state)s, reason = %(reason)s, finished_at = "
            "CASE WHEN %(state)s = 'rejected' THEN clock_timestamp() END "
            "WHERE build_id = %(build_id)s AND state = 'awaiting_approval' RETURNING build_id",
            {"state": answer.state, "reason": answer.summary, "build_id": build_id},
        ).fetchone()
        if decided is None:
            raise superseded(build_id, read_state(conn, build_id))
        conn.execute(
            "UPDATE meta.approval SET answer = %s, who = %s, why = %s, answered_at = clock_timestamp() "
            "WHERE build_id = %s",
            [answer.word, answer.who, answer.why, build_id],
        )


def supersede_parked(conn: PgConnection, system: str, reason: str) -> list[int]:
    """End builds that wait; their approval tasks notice and end by themselves."""
    rows = conn.execute(
        "UPDATE meta.build SET state = 'superseded', reason = %s, finished_at = clock_timestamp() "
        "WHERE system = %s AND state = ANY(%s) RETURNING build_id",
        [reason, system, PARKED],
    ).fetchall()
    return [int(build_id) for (build_id,) in rows]


def refuse_unapproved(conn: PgConnection, build_id: int) -> None:
    """Whether a build may be published as far as people are concerned.

    :raises CheckFailed: a check or a rollback asks, and nobody has approved.
    :raises BuildSuperseded: it waits still, or has ended.
    """
    found = read_state(conn, build_id)
    if found.state == "approved":
        return
    if found.state != "building":
        raise superseded(build_id, found)
    asked = questions(conn, build_id)
    if asked:
        raise CheckFailed(f"build {build_id} needs approval: " + "; ".join(map(str, asked)))


def decided_before(conn: PgConnection, system: str, fingerprints: Mapping[Relation, str]) -> str | None:
    """Why a build of exactly these inputs need not be made again; None when it is new.

    It waits for a person already, was rejected, or was rolled back, and nothing was published since.
    """
    last = publications.current(conn, system)
    rolled_back = last.replaced if last and last.kind == "rollback" else None
    rows = conn.execute(
        "SELECT build_id, state, reason FROM meta.build WHERE system = %(system)s AND ("
        "state = ANY(%(parked)s) OR build_id = %(rolled_back)s "
        "OR state = 'rejected' AND based_on IS NOT DISTINCT FROM %(in_use)s) ORDER BY build_id DESC",
        {
            "system": system,
            "parked": PARKED,
            "rolled_back": rolled_back,
            "in_use": publications.build_in_use(conn, system),
        },
    ).fetchall()
    for build_id, state, reason in rows:
        if _fingerprints(conn, build_id) == dict(fingerprints):
            because = f"rolled back: {last.why}" if last and build_id == rolled_back else reason or state
            return f"no input changed since build {build_id}, {because}"
    return None


def why_not_published(conn: PgConnection, system: str, run_id: str) -> str | None:
    """What became of a run's last build where a person, a newer build or a rollback decided it."""
    row = conn.execute(
        "SELECT format('build %%s is %%s: %%s', build_id, state, reason) FROM meta.build "
        "WHERE system = %s AND run_id = %s AND state IN ('rejected', 'superseded') "
        "ORDER BY build_id DESC LIMIT 1",
        [system, run_id],
    ).fetchone()
    return str(row[0]) if row else None


def _fingerprints(conn: PgConnection, build_id: int) -> dict[Relation, str]:
    rows = conn.execute(
        "SELECT relation, fingerprint FROM meta.build_relation WHERE build_id = %s", [build_id]
    ).fetchall()
    return {Relation.parse(relation): fingerprint for relation, fingerprint in rows}


def superseded(build_id: int, found: BuildState) -> BuildSuperseded:
    """The error of whoever comes too late."""
    return BuildSuperseded(f"build {build_id} is {found.state}: {found.reason or 'no reason given'}")


def approval_of(conn: PgConnection, build_id: int) -> dict[str, Any] | None:
    """The answer as a receipt shows it; None when nothing was asked."""
    row = conn.execute(
        "SELECT jsonb_build_object('answer', answer, 'who', who, 'why', why, 'questions', questions, "
        "'asked_at', asked_at, 'answered_at', answered_at) FROM meta.approval WHERE build_id = %s",
        [build_id],
    ).fetchone()
    return dict(row[0]) if row else None
