"""Pointing facades at new relations while people read them."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from regendata.exceptions import FacadeConflict, PublishBlocked, RelationGone
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.reshape import Stage, stage
from regendata.hooks.warehouse.schema import columns
from regendata.models.relation import Relation
from regendata.publish.facade import Facade
from regendata.publish.locking import FIRST_WAIT_MS, LockOrder

log = logging.getLogger(__name__)

_RETRYABLE = (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)

#: Locks that others hold on relations given by schemas and names.
_HELD = """
FROM pg_catalog.pg_locks AS l
INNER JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid AND a.pid <> pg_backend_pid()
INNER JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN unnest(%s::text[], %s::text[]) AS w (schema, name) ON w.schema = n.nspname AND w.name = c.relname
WHERE l.granted
"""
_BLOCKERS_QUERY = f"""
SELECT DISTINCT format('pid %%s (%%s, %%s) since %%s', a.pid, a.usename,
  coalesce(nullif(a.application_name, ''), 'no application name'), date_trunc('second', a.xact_start))
{_HELD}
"""
_READERS_QUERY = f"SELECT n.nspname, c.relname, count(*) {_HELD} GROUP BY n.nspname, c.relname"

#: Columns of a facade (first parameter) that its new target (second parameter) has with another type.
_RETYPED_QUERY = """
SELECT f.attname
FROM pg_catalog.pg_attribute AS f
INNER JOIN pg_catalog.pg_attribute AS t ON t.attname = f.attname
WHERE f.attrelid = to_regclass(%s) AND t.attrelid = to_regclass(%s) AND f.attnum > 0 AND t.attnum > 0
  AND (f.atttypid, f.atttypmod, f.attcollation) <> (t.atttypid, t.atttypmod, t.attcollation)
ORDER BY f.attnum
"""


#: A relation that has the name of a facade: kind, owner, whether the engine has the owner's rights, options.
_STANDING_QUERY = """
SELECT relkind, nullif(pg_get_userbyid(relowner), current_user), pg_has_role(relowner, 'USAGE'),
  coalesce(reloptions, '{}')
FROM pg_catalog.pg_class WHERE oid = to_regclass(%s)
"""


@dataclass(frozen=True)
class LockPolicy:
    """How long readers may queue behind one attempt, and for how long attempts go on."""

    wait_ms: int
    deadline_s: float

    def wait_of(self, attempt: int) -> int:
        """Milliseconds of one attempt: the first are short, as they mostly learn who reads what."""
        return min(self.wait_ms, FIRST_WAIT_MS << min(attempt - 1, 10))


@dataclass(frozen=True)
class Switched:
    """What a switch took: attempts, seconds in all, and seconds of the transaction that got through."""

    attempts: int
    seconds: float
    transaction_seconds: float


def plan_facades(conn: PgConnection, targets: Mapping[Relation, Relation]) -> list[Facade]:
    """Facades that have to be made or moved, from facade name to physical relation.

    :raises FacadeConflict: something else than a view has the name, or it belongs to somebody else.
    :raises RelationGone: a physical relation was dropped.
    """
    shapes = columns(conn, {*targets.keys(), *targets.values()})
    if gone := sorted(str(target) for target in targets.values() if target not in shapes):
        raise RelationGone(f"there is no {', '.join(gone)} to show")
    standing = _standing(conn, targets)
    pointing = _pointing(conn, targets)
    return [
        Facade(
            name,
            target,
            shapes[target],
            shapes.get(name, ()),
            _retyped(conn, name, target),
            *standing.get(name, ((), None)),
        )
        for name, target in sorted(targets.items())
        if pointing.get(name) != target
    ]


def switch(
    conn: PgConnection,
    facades: Sequence[Facade],
    record: Callable[[PgConnection], None],
    policy: LockPolicy,
) -> Switched:
    """Point all facades in one transaction, together with ``record``.

    :raises PublishBlocked: the locks could not be had before the deadline; names who held them.
    :raises FacadeConflict: a column goes or changes its type, and somebody's own object does not survive it.
    """
    reshaped = [facade for facade in facades if facade.reshaped]
    if not reshaped:
        return _switch(conn, facades, record, policy)
    # One transaction around all attempts: a failed one falls back to what stands staged.
    with conn.transaction():
        staged = stage(conn, reshaped)

        def swap_and_record(inside: PgConnection) -> None:
            staged.swap()
            record(inside)

        return _switch(conn, facades, swap_and_record, policy, staged)


def _switch(
    conn: PgConnection,
    facades: Sequence[Facade],
    record: Callable[[PgConnection], None],
    policy: LockPolicy,
    staged: Stage | None = None,
) -> Switched:
    existing = [facade.name for facade in facades if facade.existing]
    # Those whose columns change stand staged already.
    statements = [
        statement
        for facade in facades
        if not facade.reshaped
        for statement in (*facade.access(), facade.statement())
    ]

    def work(inside: PgConnection) -> None:
        if statements:
            inside.execute(sql.SQL(";\n").join(statements))
        record(inside)

    return exclusively(conn, existing, work, policy, staged)


def exclusively(
    conn: PgConnection,
    names: Sequence[Relation],
    work: Callable[[PgConnection], object],
    policy: LockPolicy,
    staged: Stage | None = None,
) -> Switched:
    """Do ``work`` in one transaction that holds the lock on all ``names``, trying again while they are read.

    :param staged: what reads those names and changes with them; locked first, as its readers do.
    :raises PublishBlocked: the locks could not be had before the deadline; names who held them.
    """
    started = time.monotonic()
    order, attempt = LockOrder.of(names, _readers(conn, names)), 0
    while True:
        attempt += 1
        began, wait_ms = time.monotonic(), policy.wait_of(attempt)
        try:
            with conn.transaction():
                if staged is not None:
                    staged.lock(wait_ms)
                conn.execute(order.statement(wait_ms))
                work(conn)
            now = time.monotonic()
            return Switched(attempt, now - started, now - began)
        except _RETRYABLE as error:
            wanted = [*names, *(staged.locked if staged else ())]
            _give_up_or_tell(conn, wanted, attempt, time.monotonic() - started, policy, error)
            is_wiser = isinstance(error, psycopg.errors.LockNotAvailable) and order.learn(
                error.diag.message_detail
            )
            _pause(1 if is_wiser else attempt)


def _readers(conn: PgConnection, names: Sequence[Relation]) -> dict[Relation, int]:
    """Sessions per facade that hold a lock on it right now."""
    wanted = [[name.schema for name in names], [name.name for name in names]]
    return {Relation(schema, name): count for schema, name, count in conn.execute(_READERS_QUERY, wanted)}


def _pause(attempt: int) -> None:
    # Jitter breaks the rhythm of dashboards that read in step; the pause lets queued readers through.
    time.sleep(random.uniform(0.02, 0.1) * min(attempt, 10))


def _give_up_or_tell(
    conn: PgConnection,
    names: Sequence[Relation],
    attempt: int,
    waited: float,
    policy: LockPolicy,
    error: Exception,
) -> None:
    wanted = [[name.schema for name in names], [name.name for name in names]]
    holders = [row[0] for row in conn.execute(_BLOCKERS_QUERY, wanted).fetchall()]
    who = "; ".join(holders) or "nobody any more"
    if waited > policy.deadline_s:
        raise PublishBlocked(
            f"no lock on {len(names)} views after {attempt} attempts in {waited:.0f} s; held by {who}"
        ) from error
    log.info("attempt %s: views are being read, trying again; locks held by %s", attempt, who)


def _standing(
    conn: PgConnection, names: Iterable[Relation]
) -> dict[Relation, tuple[tuple[str, ...], str | None]]:
    """Options of the views that stand, and their owner where it is not the engine.

    :raises FacadeConflict: something else has the name, or the engine is not a member of the owner.
    """
    found: dict[Relation, tuple[tuple[str, ...], str | None]] = {}
    for name in names:
        row = conn.execute(_STANDING_QUERY, [str(name)]).fetchone()
        if row is None:
            continue
        kind, owner, ours, options = row
        if kind != "v":
            raise FacadeConflict(
                f"{name} exists and is no view; rename it away so that the published view can take its name"
            )
        if not ours:
            raise FacadeConflict(
                f"{name} belongs to {owner}; GRANT {owner} TO the publishing role or give it the view"
            )
        found[name] = tuple(options), owner
    return found


def _retyped(conn: PgConnection, name: Relation, target: Relation) -> tuple[str, ...]:
    rows = conn.execute(_RETYPED_QUERY, [str(name), str(target)]).fetchall()
    return tuple(column for (column,) in rows)


def _pointing(conn: PgConnection, names: Mapping[Relation, Relation]) -> dict[Relation, Relation]:
    """Where existing facades point now, by the catalog's record of what each view reads."""
    rows = conn.execute(
        "SELECT DISTINCT vn.nspname, v.relname, tn.nspname, t.relname FROM pg_rewrite AS r "
        "INNER JOIN pg_class AS v ON v.oid = r.ev_class AND v.relkind = 'v' "
        "INNER JOIN pg_namespace AS vn ON vn.oid = v.relnamespace "
        "INNER JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid "
        "AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid "
        "INNER JOIN pg_class AS t ON t.oid = d.refobjid "
        "INNER JOIN pg_namespace AS tn ON tn.oid = t.relnamespace "
        "WHERE vn.nspname = ANY(%s)",
        [sorted({name.schema for name in names})],
    ).fetchall()
    return {Relation(row[0], row[1]): Relation(row[2], row[3]) for row in rows}
