"""A few database sessions that requests share: read-only, and no query goes on for long."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from regendata.exceptions import SourceUnavailable
from regendata.hooks.postgres import PgConnection, connect

#: A role that may read what is published, and nothing else.
CONN_ID = "public_api_db"
#: For how long a request waits for a session before it is told to come back.
PATIENCE_S = 2.0


@dataclass(frozen=True)
class _Session:
    conn: PgConnection
    closing: ExitStack


@dataclass
class Sessions:
    """At most ``size`` sessions, opened when first needed.

    :param statement_ms: what one query may take.
    """

    size: int
    statement_ms: int
    conn_id: str = CONN_ID
    _idle: deque[_Session] = field(default_factory=deque)
    _free: threading.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._free = threading.Semaphore(self.size)

    @contextmanager
    def session(self) -> Iterator[PgConnection]:
        """One of them, for this block alone.

        :raises SourceUnavailable: none gets free, the database breaks off or takes too long, or nothing was
            published in it yet.
        """
        if not self._free.acquire(timeout=PATIENCE_S):
            raise SourceUnavailable(f"{self.conn_id}: all {self.size} sessions are busy")
        try:
            with self._borrowed() as conn:
                yield conn
        except psycopg.Error as error:
            raise SourceUnavailable(f"{self.conn_id}: {type(error).__name__}: {error}") from error
        finally:
            self._free.release()

    @contextmanager
    def _borrowed(self) -> Iterator[PgConnection]:
        """Given back only while it works: after an error of the connection the next one is a new one."""
        session = self._idle.pop() if self._idle else self._opened()
        try:
            yield session.conn
        finally:
            if session.conn.closed or session.conn.broken:
                session.closing.close()
            else:
                self._idle.append(session)

    def _opened(self) -> _Session:
        closing = ExitStack()
        conn = closing.enter_context(connect(self.conn_id))
        conn.execute("SET default_transaction_read_only = on")
        limit = sql.SQL("SET statement_timeout = {}").format(sql.Literal(self.statement_ms))
        conn.execute(limit)
        return _Session(conn, closing)

    def close(self) -> None:
        """Close those that nobody uses."""
        while self._idle:
            self._idle.pop().closing.close()
