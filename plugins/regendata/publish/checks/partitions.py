"""Partitions of a relation, as waivers and groups name them: column -> value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import sql

Partition = Mapping[str, Any]
Partitions = Sequence[Partition]


def holds(partitions: Partitions, key: Partition) -> bool:
    """Whether a group lies inside one of the partitions; one that names other columns holds no group."""
    return any(
        all(column in key and _same(key[column], value) for column, value in partition.items())
        for partition in partitions
    )


def outside(partitions: Partitions) -> sql.Composable:
    """Condition on a row: it lies in none of the partitions."""
    inside = [
        sql.SQL("({})").format(sql.SQL(" AND ").join(_equal(column, value) for column, value in one.items()))
        for one in partitions
    ]
    return sql.SQL("NOT ({})").format(sql.SQL(" OR ").join(inside)) if inside else sql.SQL("true")


def shown(key: Partition) -> str:
    """A partition as people read it: ``chain_id 10, round_id 0xab``."""
    return ", ".join(f"{column} {value}" for column, value in key.items())


def _same(found: Any, wanted: Any) -> bool:
    return found == wanted or str(found) == str(wanted)


def _equal(column: str, value: Any) -> sql.Composed:
    # As text: a round number may be written with or without quotes in YAML.
    return sql.SQL("{}::text IS NOT DISTINCT FROM {}").format(
        sql.Identifier(column), sql.Literal(None if value is None else str(value))
    )
