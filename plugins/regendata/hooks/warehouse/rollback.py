"""Going back to an earlier build: one transaction, through the same facades as a publish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from regendata.exceptions import FacadeConflict, NoSuchBuild
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import approvals, builds, publications
from regendata.hooks.warehouse.facades import LockPolicy, Switched, plan_facades, switch
from regendata.hooks.warehouse.publications import Publication
from regendata.models.relation import Relation
from regendata.publish.facade import physical
from regendata.settings import Settings

#: A view beside an old relation that shows columns which came later, as NULL.
SHOWN_SUFFIX = "shown"

#: When builds were published and how many of their relations are gone.
_KEPT_QUERY = """
SELECT b.build_id, b.finished_at, count(*) FILTER (WHERE to_regclass(r.physical) IS NULL)
FROM meta.build AS b INNER JOIN meta.build_relation AS r ON r.build_id = b.build_id
WHERE b.build_id = ANY(%s) GROUP BY b.build_id
"""

#: Columns of a facade (first parameter) with their types, and the type in an older relation (second one).
_COLUMNS_QUERY = """
SELECT f.attname, format_type(f.atttypid, f.atttypmod), format_type(t.atttypid, t.atttypmod)
FROM pg_catalog.pg_attribute AS f
LEFT JOIN pg_catalog.pg_attribute AS t
  ON t.attrelid = to_regclass(%s) AND t.attname = f.attname AND t.attnum > 0 AND NOT t.attisdropped
WHERE f.attrelid = to_regclass(%s) AND f.attnum > 0 AND NOT f.attisdropped
ORDER BY f.attnum
"""


@dataclass(frozen=True)
class Rollback:
    """What somebody asked for.

    :param asks_next: whether a person has to approve the next publish.
    """

    system: str
    build_id: int
    who: str
    why: str
    asks_next: bool
    run_id: str


@dataclass(frozen=True)
class KeptBuild:
    """A build that was in use once and can be again."""

    build_id: int
    published_at: datetime

    def __str__(self) -> str:
        return f"{self.build_id} (published {self.published_at:%Y-%m-%d %H:%M} UTC)"


def rollback_policy(settings: Settings) -> LockPolicy:
    """More patient with readers than a publish: whoever rolls back wants it done at the first attempt."""
    return LockPolicy(settings.rollback_lock_ms, settings.publish_deadline_s)


def candidates(conn: PgConnection, system: str) -> list[KeptBuild]:
    """Builds to go back to: kept whole, and not in use. The one that was in use last comes first."""
    earlier = publications.shown_builds(conn, system)[1:]
    rows = conn.execute(_KEPT_QUERY, [earlier]).fetchall()
    whole = {build_id: published_at for build_id, published_at, gone in rows if not gone}
    return [KeptBuild(build_id, whole[build_id]) for build_id in earlier if build_id in whole]


def roll_back(conn: PgConnection, asked: Rollback, policy: LockPolicy) -> Switched:
    """Show an earlier build again. Columns that facades gained since stay, and are NULL.

    Asking twice for the same, as a task that is tried again does, changes nothing.

    :raises NoSuchBuild: the build is not kept; the message lists those that are.
    :raises PublishBlocked: readers held their locks for too long.
    """
    last = publications.current(conn, asked.system)
    if last and (last.kind, last.build_id, last.run_id) == ("rollback", asked.build_id, asked.run_id):
        return Switched(0, 0.0, 0.0)
    _refuse_unknown(conn, asked)
    places = {relation: item.place for relation, item in builds.planned(conn, asked.build_id).items()}
    targets = {relation: _complete(conn, relation, place) for relation, place in places.items()}
    return switch(conn, plan_facades(conn, targets), lambda inside: _put_in_use(inside, asked), policy)


def _refuse_unknown(conn: PgConnection, asked: Rollback) -> None:
    kept = candidates(conn, asked.system)
    if asked.build_id in {one.build_id for one in kept}:
        return
    listed = ", ".join(map(str, kept)) or "none"
    in_use = publications.build_in_use(conn, asked.system)
    problem = "is in use already" if asked.build_id == in_use else "is not kept"
    raise NoSuchBuild(f"build {asked.build_id} of {asked.system} {problem}; builds to go back to: {listed}")


def _put_in_use(conn: PgConnection, asked: Rollback) -> None:
    """The rollback's part of the transaction; a build that waits for a person started from what goes now."""
    publications.lock(conn, asked.system)
    replaced = publications.build_in_use(conn, asked.system)
    reason = f"{asked.who} went back to build {asked.build_id}: {asked.why}"
    approvals.supersede_parked(conn, asked.system, reason)
    publications.record(
        conn,
        Publication(
            asked.system,
            asked.build_id,
            "rollback",
            replaced,
            asked.who,
            asked.why,
            asked.asks_next,
            asked.run_id,
        ),
    )


def _complete(conn: PgConnection, name: Relation, place: Relation) -> Relation:
    """The relation itself, or a view of it with every column that the facade shows."""
    columns = conn.execute(_COLUMNS_QUERY, [str(place), str(name)]).fetchall()
    if all(kind == own for _, kind, own in columns):
        return place
    shown = physical(place.schema, Relation(place.name, SHOWN_SUFFIX))
    try:
        conn.execute(_shown_statement(shown, place, columns))
    except psycopg.errors.CannotCoerce as error:
        raise FacadeConflict(f"{name} cannot go back: {str(error).splitlines()[0]}") from error
    return shown


def _shown_statement(
    shown: Relation, place: Relation, columns: list[tuple[str, str, str | None]]
) -> sql.Composed:
    # Types are those of the catalog, as format_type writes them.
    return sql.SQL("CREATE OR REPLACE VIEW {} AS SELECT {} FROM {}").format(
        sql.Identifier(*shown),
        sql.SQL(", ").join(
            sql.SQL("{}::{} AS {}").format(
                sql.SQL("NULL") if own is None else sql.Identifier(name), sql.SQL(kind), sql.Identifier(name)
            )
            for name, kind, own in columns
        ),
        sql.Identifier(*place),
    )
