"""Ranks on the published leaderboard without numbering whole boards for every answer.

How many lines of a board have a volume in each of some hundred steps is read once per publication. A rank is
the lines in the steps above, and those above it in its own step, which the index finds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from psycopg import sql

from regendata.hooks.postgres import PgConnection

#: What the lines of a window stand in: windows that only grow, and those that slide.
TOTALS = sql.Identifier("experimental_views", "allo_gmv_leaderboard_totals")
RECENT = sql.Identifier("experimental_views", "allo_gmv_leaderboard_recent")

#: Step of a volume: 64 of them to a factor of e, so that each is less than two percent wide.
_STEP = sql.SQL("floor(64 * ln(greatest({}.gmv, 0.001)))::integer")
#: Of a row called ``line``.
STEP = _STEP.format(sql.Identifier("line"))
#: The bounds on the volume keep to a short range of the index.
_WITHIN = sql.SQL("""(
  SELECT count(*) FROM {lines} AS above
  WHERE above.time_window = line.time_window AND above.role = line.role
    AND (above.gmv, above.address) >= (line.gmv, line.address) AND above.gmv <= 1.02 * line.gmv + 0.001
    AND {step_above} = {step}
)""")
_STEPS = sql.SQL("""
SELECT {step} AS step, count(*) FROM (
  SELECT time_window, role, gmv FROM {totals} UNION ALL SELECT time_window, role, gmv FROM {recent}
) AS line WHERE time_window = %s AND role = %s GROUP BY step
""").format(totals=TOTALS, recent=RECENT, step=STEP)

_PUBLICATION = "SELECT max(publication_id) FROM meta.publication WHERE system = 'grants'"

Board = tuple[str, str]


def within(lines: sql.Identifier) -> sql.Composed:
    """Number of lines in the step of a row called ``line`` down to it."""
    return _WITHIN.format(lines=lines, step=STEP, step_above=_STEP.format(sql.Identifier("above")))


@dataclass
class Ranks:
    """What all threads of a process know of the publication that was seen last."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _publication: object = None
    _steps: dict[Board, Mapping[int, int]] = field(default_factory=dict)

    def above(self, conn: PgConnection, places: Iterable[tuple[Board, int]]) -> list[int]:
        """Lines in the steps above each place, given as board (window, role) and step."""
        publication = conn.execute(_PUBLICATION).fetchone()
        with self._lock:
            if publication != self._publication:
                self._steps.clear()
                self._publication = publication
            return [_above(self._of_board(conn, board), step) for board, step in places]

    def _of_board(self, conn: PgConnection, board: Board) -> Mapping[int, int]:
        if board not in self._steps:
            self._steps[board] = dict(conn.execute(_STEPS, board).fetchall())
        return self._steps[board]


def _above(steps: Mapping[int, int], step: int) -> int:
    return sum(lines for other, lines in steps.items() if other > step)
