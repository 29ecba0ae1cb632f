"""Rows left out of a load: where they stood, what was wrong; kept for people to look at."""

from __future__ import annotations

from collections.abc import Sequence

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation
from regendata.sources.rows import BadCell


def write(conn: PgConnection, source: str, relation: Relation, run_id: str, cells: Sequence[BadCell]) -> None:
    """Replace what the quarantine holds of a source by what its latest load left out."""
    with conn.transaction():
        conn.execute("DELETE FROM meta.quarantine WHERE source = %s", [source])
        with conn.cursor() as cursor, cursor.copy(_COPY) as copy:
            for cell in cells:
                copy.write_row(
                    (source, str(relation), run_id, cell.row, cell.column, _storable(cell.value), cell.reason)
                )


_COPY = "COPY meta.quarantine (source, relation, run_id, row_number, column_name, value, reason) FROM STDIN"


def _storable(value: str | None) -> str | None:
    """Postgres keeps no NUL in a text."""
    return None if value is None else value.replace("\0", "\N{REPLACEMENT CHARACTER}")
