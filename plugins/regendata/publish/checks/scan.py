"""One scan of a relation that gives the figures of most checks, per group where a check asks for groups."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from regendata.models.checks import ROW_RULES, Freshness, GroupTotals, NeverOlder, RowRule
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish.checks.partitions import Partition
from regendata.publish.checks.rows import broken

_SETTLED_PREFIX = "published "


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
    :param settled_rows: rows up to the newest published one of this group.
    :param broken: rows that break each row rule, in the order of the header.
    """

    key: Partition
    rows: int
    amount: float | None = None
    newest: datetime | None = None
    settled_rows: int = 0
    settled_amount: float | None = None
    broken: tuple[int, ...] = ()


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


def scan_statement(model: ModelSpec, place: Relation, published: Relation | None) -> sql.Composed:
    """Per group: key, rows, amount, newest, settled rows and amount, rows that break each row rule.

    :param published: where the relation stands that readers see; its group totals say what is settled.
    """
    columns = group_columns(model)
    settles = published is not None and model.timestamp is not None and bool(columns)
    amount = _amount(model)
    newest = sql.Identifier(model.timestamp) if model.timestamp else sql.SQL("NULL::timestamptz")
    settled = _settled(model.timestamp) if settles and model.timestamp else sql.SQL("true")
    figures = [
        _key(columns),
        sql.SQL("count(*)"),
        sql.SQL("sum({})").format(amount),
        sql.SQL("max({})").format(newest),
        sql.SQL("count(*) FILTER (WHERE {})").format(settled),
        sql.SQL("sum({}) FILTER (WHERE {})").format(amount, settled),
        *(sql.SQL("count(*) FILTER (WHERE {})").format(broken(rule)) for rule in row_rules(model)),
    ]
    parts = [sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(figures), sql.Identifier(*place))]
    if settles and published is not None:
        parts.append(_published(columns, place, published))
    if columns:
        parts.append(sql.SQL("GROUP BY {}").format(_names(columns)))
    return sql.SQL(" ").join(parts)


def read_groups(rows: Iterable[Sequence[Any]]) -> list[Group]:
    """Groups from rows of the scan, always in the same order: sums of floats depend on it."""
    groups = (_group(*row) for row in rows)
    return sorted(groups, key=lambda group: key_text(group.key))


def _group(
    key: Partition,
    rows: int,
    amount: float | None,
    newest: datetime | None,
    settled_rows: int = 0,
    settled_amount: float | None = None,
    *broken: int,
) -> Group:
    return Group(key, rows, amount, newest, settled_rows, settled_amount, broken)


def key_text(key: Partition) -> str:
    """A key as text, equal for equal keys."""
    return json.dumps(key, sort_keys=True, default=str)


def settled(groups: Iterable[Group], before: Mapping[str, Group]) -> list[Group]:
    """Groups reduced to their settled part; where nothing tells what is settled, all of it is."""
    return [_settled_part(group, before.get(key_text(group.key))) for group in groups]


def _settled_part(group: Group, published: Group | None) -> Group:
    if published is not None and published.newest is None:
        return group
    return Group(group.key, group.settled_rows, group.settled_amount, group.newest)


def rolled_up(groups: Iterable[Group], by: Sequence[str]) -> dict[str, Group]:
    """Groups added up to coarser ones, by the text of their key."""
    members: dict[str, list[Group]] = {}
    for group in groups:
        members.setdefault(key_text({column: group.key[column] for column in by}), []).append(group)
    return {
        text: _sum({column: same[0].key[column] for column in by}, same) for text, same in members.items()
    }


def whole(groups: Sequence[Group]) -> Group:
    """All groups as one."""
    return _sum({}, groups)


def _sum(key: Partition, groups: Sequence[Group]) -> Group:
    amounts = [group.amount for group in groups if group.amount is not None]
    newest = [group.newest for group in groups if group.newest is not None]
    counts = zip(*(group.broken for group in groups), strict=True)
    return Group(
        key,
        sum(group.rows for group in groups),
        _total(amounts) if amounts else None,
        max(newest, default=None),
        broken=tuple(map(sum, counts)),
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


def _settled(timestamp: str) -> sql.Composed:
    return sql.SQL("{0} IS NULL OR {0} <= {1}").format(
        sql.Identifier(timestamp), sql.Identifier(f"{_SETTLED_PREFIX}newest")
    )


def _published(columns: Sequence[str], place: Relation, published: Relation) -> sql.Composed:
    """Join to what is published of each group; the relation's own row type gives the keys their types."""
    aliases = [sql.Identifier(_SETTLED_PREFIX + name) for name in (*columns, "newest")]
    same = [
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Identifier(_SETTLED_PREFIX + name))
        for name in columns
    ]
    return sql.SQL(
        "LEFT JOIN (SELECT {keys}, g.newest FROM meta.group_total AS g "
        "CROSS JOIN LATERAL jsonb_populate_record(NULL::{place}, g.group_key) AS k "
        "WHERE g.physical = {published}) AS before ({aliases}) ON {same}"
    ).format(
        keys=sql.SQL(", ").join(sql.Identifier("k", name) for name in columns),
        place=sql.Identifier(*place),
        published=sql.Literal(str(published)),
        aliases=sql.SQL(", ").join(aliases),
        same=sql.SQL(" AND ").join(same),
    )
