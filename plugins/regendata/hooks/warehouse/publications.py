"""Which build readers see: the publications of a system in their order, by publish or by rollback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from psycopg import sql

from regendata.hooks.postgres import PgConnection

Kind = Literal["publish", "rollback"]

#: Builds that were published, the one in use first. A warehouse from before publications were recorded
#: knows the order of builds only.
SHOWN_BUILDS = sql.SQL("""
SELECT b.build_id
FROM meta.build AS b LEFT JOIN meta.publication AS p ON p.build_id = b.build_id
WHERE b.system = %(system)s AND b.state = 'published'
GROUP BY b.build_id ORDER BY max(p.publication_id) DESC NULLS LAST, b.build_id DESC
""")


@dataclass(frozen=True)
class Publication:
    """One time a build came before readers.

    :param replaced: the build that readers saw until then; None at the first publish.
    :param asks_next: whether a person has to approve the next publish.
    """

    system: str
    build_id: int
    kind: Kind
    replaced: int | None
    who: str | None = None
    why: str | None = None
    asks_next: bool = False
    run_id: str | None = None


def lock(conn: PgConnection, system: str) -> None:
    """Until the end of the transaction nobody else opens, publishes or rolls back builds of the system."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('regendata publication'), hashtext(%s))", [system])


def build_in_use(conn: PgConnection, system: str) -> int | None:
    """The build that readers see; None before the first publish."""
    return next(iter(shown_builds(conn, system)), None)


def shown_builds(conn: PgConnection, system: str) -> list[int]:
    """Builds that are or were in use, the last one first."""
    return [int(build_id) for (build_id,) in conn.execute(SHOWN_BUILDS, {"system": system}).fetchall()]


def current(conn: PgConnection, system: str) -> Publication | None:
    """The last publication; None before the first."""
    row = conn.execute(
        "SELECT system, build_id, kind, replaced_build_id, who, why, asks_next, run_id "
        "FROM meta.publication WHERE system = %s ORDER BY publication_id DESC LIMIT 1",
        [system],
    ).fetchone()
    return Publication(*row) if row else None


def record(conn: PgConnection, publication: Publication) -> None:
    """Write a publication down; part of the transaction that moves the facades."""
    conn.execute(
        "INSERT INTO meta.publication "
        "(system, build_id, kind, replaced_build_id, who, why, asks_next, run_id) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            publication.system,
            publication.build_id,
            publication.kind,
            publication.replaced,
            publication.who,
            publication.why,
            publication.asks_next,
            publication.run_id,
        ],
    )
