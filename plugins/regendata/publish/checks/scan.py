"""One scan of a relation that gives the figures of most checks, per group where a check asks for groups."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import sql

from regendata.models.checks import ROW_RULES, Freshness, GroupTotals, NeverOlder, RowRule
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish.checks.partitions import Partition
from regendata.publish.checks.rows import broken
from regendata.publish.statements import replaced_rows


@dataclass(frozen=True)
class Totals:
    """Rows and USD total of a relation; no total without an amount."""

    rows: int
    amount_usd: float | None


@dataclass(frozen=True)
class Group:
    """Figures of one group of rows.

    :param key: column -> value; empty for a relation without groups.
    :param amount: sum in USD; None without an amount.
    :param newest: latest timestamp; None without one.
    :param broken: rows that break any rule about single rows.
    """

    key: Partition
    rows: int
    amount: float | None = None
    newest: datetime | None = None
    broken: int = 0


def row_rules(model: ModelSpec) -> list[RowRule]:
    """The rules about single rows, in the order of the header."""
    return [rule for rule in model.checks if isinstance(rule, ROW_RULES)]


def group_columns(model: ModelSpec) -> tuple[str, ...]:
    """Columns by which any check groups; finer groups are added up for the others."""
    grouped = (rule for rule in model.checks if isinstance(rule, (GroupTotals, NeverOlder, Freshness)))
    return tuple(dict.fromkeys(column for rule in grouped for column in rule.by))


def totals_statement(model: ModelSpec, place: Relation) -> sql.Composed:
    """Rows and USD total."""
    return sql.SQL("SELECT count(*), sum({}) FROM {}").format(_amount(model), sql.Identifier(*place))


def replaced_statement(model: ModelSpec, base: Relation, later: Relation) -> sql.Composed:
    """The scan of those rows of ``base`` that ``later`` holds others for."""
    return _scan(model, replaced_rows(base, later, model.unique_key))


def scan_statement(model: ModelSpec, place: Relation) -> sql.Composed:
    """Per group: key, rows, amount, newest, rows that break any rule.

    Rules are counted together, as nearly always all of them hold; a count each takes several times as long.
    """
    return _scan(model, sql.Identifier(*place))


def _scan(model: ModelSpec, rows: sql.Composable) -> sql.Composed:
    columns = group_columns(model)
    newest = (
        sql.SQL("max({})").format(sql.Identifier(model.timestamp)) if model.timestamp else sql.SQL("NULL")
    )
    rules = sql.SQL(" OR ").join(map(broken, row_rules(model)))
    figures = [
        _key(columns),
        sql.SQL("count(*)"),
        sql.SQL("sum({})").format(_amount(model)),
        sql.SQL("{}::timestamptz").format(newest),
        sql.SQL("count(*) FILTER (WHERE {})").format(rules if row_rules(model) else sql.SQL("false")),
    ]
    scan = sql.SQL("SELECT {} FROM {} AS scanned").format(sql.SQL(", ").join(figures), rows)
    return scan + sql.SQL(" GROUP BY {}").format(_names(columns)) if columns else scan


def settled_statement(model: ModelSpec, place: Relation, published: Iterable[Group]) -> sql.Composed:
    """Key, rows and amount of groups up to what was their newest row when they were published.

    :param published: groups of :func:`group_columns`, each with its newest timestamp.
    """
    columns, timestamp = group_columns(model), str(model.timestamp)
    records = [{**group.key, timestamp: str(group.newest)} for group in published]
    same = [
        sql.SQL("{} = {}").format(sql.Identifier("t", name), sql.Identifier("before", name))
        for name in columns
    ]
    return sql.SQL(
        "SELECT {key}, count(*), sum({amount}) "
        "FROM (SELECT t.* FROM jsonb_populate_recordset(NULL::{place}, {records}) AS before "
        "INNER JOIN {place} AS t ON {same} AND (t.{at} <= before.{at} OR t.{at} IS NULL)) AS settled "
        "GROUP BY {columns}"
    ).format(
        key=_key(columns),
        amount=_amount(model),
        place=sql.Identifier(*place),
        # The relation's own row type gives the values of a key their types.
        records=sql.Literal(json.dumps(records, default=str)),
        same=sql.SQL(" AND ").join(same),
        at=sql.Identifier(timestamp),
        columns=_names(columns),
    )


def read_groups(rows: Iterable[Sequence[Any]]) -> list[Group]:
    """Groups from rows of the scan, always in the same order."""
    return sorted((Group(*row) for row in rows), key=lambda group: key_text(group.key))


def key_text(key: Partition) -> str:
    """A key as text, equal for equal keys."""
    return json.dumps(key, sort_keys=True, default=str)


def grown(groups: Iterable[Group], before: Mapping[str, Group]) -> list[Group]:
    """The published state of groups that have newer rows now; of all others, everything is settled."""
    pairs = [(group, before.get(key_text(group.key))) for group in groups]
    return [
        published
        for group, published in pairs
        if published is not None
        and published.newest is not None
        and group.newest is not None
        and group.newest > published.newest
    ]


def rolled_up(groups: Iterable[Group], by: Sequence[str]) -> dict[str, Group]:
    """Groups added up to coarser ones, by the text of their key."""
    members: dict[str, list[Group]] = {}
    for group in groups:
        members.setdefault(key_text({column: group.key[column] for column in by}), []).append(group)
    return {
        text: _sum({column: same[0].key[column] for column in by}, same) for text, same in members.items()
    }


def added_up(model: ModelSpec, groups: Iterable[Group]) -> list[Group]:
    """Groups of several scans, those of one key as one, always in the same order."""
    found = rolled_up(groups, group_columns(model))
    return [found[text] for text in sorted(found)]


def without(groups: Iterable[Group]) -> list[Group]:
    """Groups whose rows are gone, to be added up with those they are gone from."""
    return [
        replace(group, rows=-group.rows, amount=None if group.amount is None else -group.amount, broken=0)
        for group in groups
    ]


def whole(groups: Sequence[Group]) -> Group:
    """All groups as one."""
    return _sum({}, groups)


def _sum(key: Partition, groups: Sequence[Group]) -> Group:
    amounts = [group.amount for group in groups if group.amount is not None]
    newest = [group.newest for group in groups if group.newest is not None]
    return Group(
        key,
        sum(group.rows for group in groups),
        _total(amounts) if amounts else None,
        max(newest, default=None),
        sum(group.broken for group in groups),
    )


def _total(amounts: Sequence[float]) -> float:
    """The exact sum, so that the order of groups does not matter; infinities of both signs give NaN."""
    return math.fsum(amounts) if all(map(math.isfinite, amounts)) else sum(amounts)


def _amount(model: ModelSpec) -> sql.SQL:
    """The amount is an expression of the model's own header."""
    return sql.SQL(f"({model.amount})::double precision") if model.amount else sql.SQL("NULL::float8")


def _key(columns: Sequence[str]) -> sql.Composed:
    pairs = [sql.SQL("{}, {}").format(sql.Literal(name), sql.Identifier(name)) for name in columns]
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
