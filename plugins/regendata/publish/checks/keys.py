"""Keys: rows that agree where they must not, and values without a row to refer to."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from regendata.models.checks import ForeignKey, Unique
from regendata.models.relation import Relation
from regendata.publish.checks.partitions import Partitions, outside
from regendata.publish.checks.verdict import SAMPLES, Finding, Samples


def duplicates_statement(rule: Unique, place: Relation, left_out: Partitions) -> sql.Composed:
    """Keys that occur more than once, as JSON with the number of their rows, and how many keys there are."""
    return _counted(
        sql.SQL(
            "SELECT {columns}, count(*) AS rows FROM {place} WHERE {known} AND {kept} GROUP BY {columns} "
            "HAVING count(*) > 1"
        ).format(
            columns=_names(rule.key),
            place=sql.Identifier(*place),
            known=_known(rule.key),
            kept=outside(left_out),
        )
    )


def orphans_statement(
    rule: ForeignKey, place: Relation, target: Relation, left_out: Partitions
) -> sql.Composed:
    """Distinct keys without a row in the target, as JSON with the number of rows that hold them.

    Keys are folded first: a million donations refer to some thousand rounds.
    """
    same = [
        sql.SQL("target.{} = held.{}").format(sql.Identifier(there), sql.Identifier(here))
        for here, there in zip(rule.key, rule.target, strict=True)
    ]
    return _counted(
        sql.SQL(
            "SELECT held.* FROM (SELECT {columns}, count(*) AS rows FROM {place} WHERE {known} AND {kept} "
            "GROUP BY {columns}) AS held "
            "WHERE NOT EXISTS (SELECT FROM {target} AS target WHERE {same})"
        ).format(
            columns=_names(rule.key),
            place=sql.Identifier(*place),
            known=_known(rule.key),
            kept=outside(left_out),
            target=sql.Identifier(*target),
            same=sql.SQL(" AND ").join(same),
        )
    )


def duplicates_finding(keys: int, statement: str, samples: Samples) -> Finding:
    """The finding for a number of keys that occur more than once."""
    return Finding(keys == 0, f"{keys} keys with more than one row", "one row per key", statement, samples)


def orphans_finding(rule: ForeignKey, keys: int, statement: str, samples: Samples) -> Finding:
    """The finding for a number of keys without a row to refer to."""
    expected = f"each in {rule.relation} ({', '.join(rule.target)})"
    return Finding(keys == 0, f"{keys} unknown", expected, statement, samples)


def _counted(found: sql.Composed) -> sql.Composed:
    """Number of rows of a query, and the first few as JSON, in one statement."""
    return sql.SQL(
        "WITH found AS ({}) SELECT (SELECT count(*) FROM found), "
        "(SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') FROM (SELECT * FROM found LIMIT {}) AS s)"
    ).format(found, sql.Literal(SAMPLES))


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _known(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(name)) for name in columns)
