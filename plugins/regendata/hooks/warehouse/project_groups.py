"""Project groups as the warehouse keeps them: what was known before a run, and what it found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.project_applications import copy_out

_MEMBERS = sql.SQL("SELECT source, project_id, group_id, seniority FROM meta.project_group_member")
_GROUPS = "SELECT group_id, merged_into IS NOT NULL FROM meta.project_group ORDER BY seniority"
_CREATE_GROUPS = """
INSERT INTO meta.project_group (group_id, seniority)
SELECT new.group_id, (SELECT coalesce(max(seniority), 0) FROM meta.project_group) + new.place
FROM unnest(%s::text[]) WITH ORDINALITY AS new (group_id, place)
"""
_RETIRE = """
UPDATE meta.project_group AS retired
SET merged_into = merge.to_group_id, retired_at = clock_timestamp()
FROM unnest(%(from)s::text[], %(to)s::text[]) AS merge (from_group_id, to_group_id)
WHERE retired.group_id = merge.from_group_id
"""
# Members who are away go where their group went.
_FOLLOW = """
UPDATE meta.project_group_member AS member
SET group_id = merge.to_group_id, since = clock_timestamp()
FROM unnest(%(from)s::text[], %(to)s::text[]) AS merge (from_group_id, to_group_id)
WHERE member.group_id = merge.from_group_id
"""
_MARK_AWAY = """
UPDATE meta.project_group_member AS member
SET seniority = NULL
FROM unnest(%s::text[], %s::text[]) AS away (source, project_id)
WHERE member.source = away.source AND member.project_id = away.project_id
"""
_CREATE_CHANGED = """
CREATE TEMPORARY TABLE changed_member (LIKE meta.project_group_member INCLUDING DEFAULTS) ON COMMIT DROP
"""
_COPY_CHANGED = "COPY changed_member (project_id, source, group_id, seniority) FROM STDIN (FORMAT csv)"
_KEEP_CHANGED = """
INSERT INTO meta.project_group_member AS member (project_id, source, group_id, seniority)
SELECT project_id, source, group_id, seniority FROM changed_member
ON CONFLICT (project_id, source) DO UPDATE SET
  group_id = excluded.group_id,
  seniority = excluded.seniority,
  since = CASE WHEN member.group_id = excluded.group_id THEN member.since ELSE excluded.since END
"""


def lock(conn: PgConnection) -> None:
    """Nobody else changes groups until this transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('regendata project groups'), 0)")


def known_members(conn: PgConnection) -> bytes:
    """Source, project_id, group_id and seniority of every project ever seen, as CSV."""
    return copy_out(conn, _MEMBERS)


def known_groups(conn: PgConnection) -> tuple[list[str], list[str]]:
    """Ids in use, the oldest first, and retired ids."""
    rows = conn.execute(_GROUPS).fetchall()
    return [one for one, retired in rows if not retired], [one for one, retired in rows if retired]


def create_groups(conn: PgConnection, group_ids: Sequence[str]) -> None:
    """Write down new ids, the oldest first."""
    conn.execute(_CREATE_GROUPS, [list(group_ids)])


def retire_groups(conn: PgConnection, merges: Sequence[tuple[str, str]]) -> None:
    """Retire ids in favour of others.

    :param merges: retired id and the one its members have from now on.
    """
    ids = {"from": [one for one, _ in merges], "to": [other for _, other in merges]}
    conn.execute(_RETIRE, ids)
    conn.execute(_FOLLOW, ids)


def mark_away(conn: PgConnection, projects: Sequence[tuple[str, str]]) -> None:
    """Note that these projects (source, project_id) left the sources; they keep their group."""
    conn.execute(_MARK_AWAY, [[source for source, _ in projects], [project for _, project in projects]])


def keep_members(conn: PgConnection, changed: bytes) -> None:
    """Write down new members, those who came back and those with another group.

    :param changed: CSV of project_id, source, group_id, seniority.
    """
    conn.execute(_CREATE_CHANGED)
    with conn.cursor() as cursor, cursor.copy(_COPY_CHANGED) as copy:
        copy.write(changed)
    conn.execute(_KEEP_CHANGED)


def add_history(conn: PgConnection, run_id: str, events: Iterable[Sequence[Any]]) -> None:
    """Append to the history.

    :param events: kind, from_group_id, to_group_id, project_count, reason.
    """
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO meta.project_group_history "
            "(run_id, kind, from_group_id, to_group_id, project_count, reason) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [(run_id, *event) for event in events],
        )


def keep_findings(
    conn: PgConnection,
    run_id: str,
    placeholders: Iterable[Sequence[Any]],
    unknown_links: Iterable[tuple[str, str]],
) -> None:
    """Replace what the run before found.

    :param placeholders: attribute, value, reason, project_count, row_count.
    :param unknown_links: manual links that lead nowhere.
    """
    conn.execute("DELETE FROM meta.project_placeholder")
    conn.execute("DELETE FROM meta.unknown_project_link")
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO meta.project_placeholder "
            "(attribute, value, reason, project_count, row_count, run_id) VALUES (%s, %s, %s, %s, %s, %s)",
            [(*one, run_id) for one in placeholders],
        )
        cursor.executemany(
            "INSERT INTO meta.unknown_project_link (project_id_1, project_id_2, run_id) VALUES (%s, %s, %s)",
            [(*pair, run_id) for pair in unknown_links],
        )
