"""Starts of requests to hosts, agreed on over all processes that ask them."""

from __future__ import annotations

from dataclasses import dataclass

from regendata.hooks.postgres import PgConnection

_RESERVE = """
INSERT INTO meta.host_turn AS turn (host, next_at)
VALUES (%(host)s, clock_timestamp() + %(whole)s * interval '1 second')
ON CONFLICT (host) DO UPDATE
SET next_at = greatest(turn.next_at, clock_timestamp()) + %(whole)s * interval '1 second'
RETURNING extract(epoch FROM next_at - clock_timestamp())::double precision - %(whole)s
"""
_PAUSE = """
INSERT INTO meta.host_turn AS turn (host, next_at)
VALUES (%(host)s, clock_timestamp() + %(seconds)s * interval '1 second')
ON CONFLICT (host) DO UPDATE SET next_at = greatest(turn.next_at, excluded.next_at)
"""


@dataclass(frozen=True)
class SharedLedger:
    """Keeps the next free start of each host in the warehouse; the clock is the server's.

    :param conn: an autocommit connection of its own: every start is everybody's at once.
    """

    conn: PgConnection

    def reserve(self, host: str, count: int, interval_s: float) -> float:
        """Seconds from now to the first of ``count`` starts that follow each other at this interval."""
        row = self.conn.execute(_RESERVE, {"host": host, "whole": count * interval_s}).fetchone()
        return max(0.0, float(row[0])) if row else 0.0

    def pause(self, host: str, seconds: float) -> None:
        """Nobody starts a request before so many seconds from now."""
        self.conn.execute(_PAUSE, {"host": host, "seconds": seconds})
