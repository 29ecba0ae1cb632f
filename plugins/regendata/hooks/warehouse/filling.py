"""Fill an empty table in one transaction: no key to keep up row by row, and no log where nobody needs one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation

Item = TypeVar("Item")
#: Longer nobody waits behind this for whoever reads the empty table, such as a backup.
LOCK_TIMEOUT = "2s"

_KEY = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %s::text::regclass AND contype = 'p'
"""


def is_empty(conn: PgConnection, relation: Relation) -> bool:
    """Whether a table holds no row."""
    query = sql.SQL("SELECT NOT EXISTS (SELECT FROM {})").format(sql.Identifier(*relation))
    row = conn.execute(query).fetchone()
    return bool(row and row[0])


@contextmanager
def filling(conn: PgConnection, relation: Relation, memory: str) -> Iterator[None]:
    """A transaction that fills an empty table; its key is made of all rows at the end.

    Rows may come by ``COPY ... FREEZE``. Whoever reads the table meanwhile waits.

    :param memory: for sorting the key.
    :raises psycopg.errors.UniqueViolation: rows share a key; the table is as empty as before.
    :raises psycopg.errors.LockNotAvailable: somebody else uses the table.
    """
    table = sql.Identifier(*relation)
    with conn.transaction():
        conn.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        keys = conn.execute(_KEY, [str(relation)]).fetchall()
        conn.execute(sql.SQL("TRUNCATE {}").format(table))
        for name, _ in keys:
            drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
            conn.execute(drop.format(table, sql.Identifier(name)))
        yield
        conn.execute("SELECT set_config('maintenance_work_mem', %s, true)", [memory])
        for name, definition in keys:
            # The definition is the server's own text.
            add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
            conn.execute(add.format(table, sql.Identifier(name), sql.SQL(definition)))


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items; each is made, in another thread, while the one before it is used."""
    end = object()
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = pool.submit(next, items, end)
            yield item  # type: ignore[misc]
