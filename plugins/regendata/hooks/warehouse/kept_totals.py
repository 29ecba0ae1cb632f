"""Figures per group of each physical relation, kept from the scan that checked it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from regendata.hooks.postgres import PgConnection
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish.checks import scan
from regendata.publish.checks.scan import Group

#: Rows of a relation when it was made, and whether every check of it passed then.
_JUDGED_QUERY = """
SELECT r.row_count, bool_and(c.verdict = 'passed')
FROM meta.build_relation AS r
LEFT JOIN meta.check_result AS c ON c.build_id = r.build_id AND c.relation = r.relation
WHERE r.physical = %s AND NOT r.carried_over
GROUP BY r.row_count
"""

_COPY = "COPY meta.group_total (physical, group_key, row_count, amount, newest) FROM STDIN"


def groups_of(conn: PgConnection, model: ModelSpec, place: Relation) -> dict[str, Group]:
    """Groups of a relation as they were kept; none when it was grouped by other columns then."""
    found = conn.execute(
        "SELECT group_key, row_count, amount, newest FROM meta.group_total WHERE physical = %s", [str(place)]
    ).fetchall()
    columns = set(scan.group_columns(model))
    groups = scan.read_groups(found)
    return {scan.key_text(group.key): group for group in groups if set(group.key) == columns}


def judged_well(conn: PgConnection, place: Relation, groups: Mapping[str, Group]) -> bool:
    """Whether a relation passed every check when it was made, and these groups hold all of its rows.

    Then only the rows that it is extended by have to be judged.
    """
    row = conn.execute(_JUDGED_QUERY, [str(place)]).fetchone()
    rows, passed = row or (None, None)
    return bool(passed) and rows == sum(group.rows for group in groups.values())


def keep(
    conn: PgConnection, build_id: int, relation: Relation, place: Relation, groups: Sequence[Group]
) -> None:
    """Keep what the scan found, and forget it of relations that exist no more."""
    with conn.transaction(), conn.cursor() as cursor:
        cursor.execute(
            "UPDATE meta.build_relation SET amount_usd = %s WHERE build_id = %s AND relation = %s",
            [scan.whole(groups).amount, build_id, str(relation)],
        )
        cursor.execute(
            "DELETE FROM meta.group_total WHERE physical = %s "
            "OR (split_part(physical, '.', 2) = %s AND to_regclass(physical) IS NULL)",
            [str(place), str(place).split(".", 1)[1]],
        )
        # Thousands of rounds are a group each.
        with cursor.copy(_COPY) as copy:
            for one in groups:
                copy.write_row((str(place), scan.key_text(one.key), one.rows, one.amount, one.newest))
