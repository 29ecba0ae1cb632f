"""SQL of comparing two builds of a relation. Functions return statements; hooks run them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg import sql

from regendata.models.relation import Relation
from regendata.publish.diff import KEPT_SAMPLES, PARTITIONS, Column, Scope, Shape
from regendata.publish.row_hashes import HashFunctions, comparable, row_hash
from regendata.publish.statements import replaced_rows

#: The order in which floating-point numbers were added decides digits behind these.
_TOLERANCE = sql.Literal(1e-9)
_NOTHING = sql.SQL("false")
#: What of two builds is compared.
Sides = Literal["whole", "added", "replaced"]
_MOVED = {"added": sql.SQL("was IS NULL"), "removed": sql.SQL("still IS NULL")}


@dataclass(frozen=True)
class Comparison:
    """Two builds of one relation.

    :param types: type per shared column, by its new name.
    :param key: columns of the unique key, all of them shared; empty when there is none.
    :param bucketed_by: columns whose hash puts a row in its bucket, those of the key where there is one;
        empty for all that are compared.
    :param functions: what the server hashes values with.
    :param amount: USD per row, an expression over columns that both builds have; None without one.
    :param sides: what the new side holds: all rows; those that came, so that the old one is not read; or
        those that came and those that stand in place of old ones with the same key.
    """

    old: Relation
    new: Relation
    shape: Shape
    types: dict[str, str]
    key: tuple[str, ...]
    functions: HashFunctions
    bucketed_by: tuple[str, ...] = ()
    amount: str | None = None
    sides: Sides = "whole"

    @property
    def columns(self) -> tuple[str, ...]:
        """New names of the columns that are compared."""
        return tuple(new for _, new in self.shape.shared)

    @property
    def partitions(self) -> tuple[str, ...]:
        return tuple(name for name in PARTITIONS if name in self.columns)


def comparison(
    old: Relation,
    new: Relation,
    shape: Shape,
    columns: Sequence[Column],
    unique_key: Sequence[str],
    amount: str | None,
    functions: HashFunctions,
    bucketed_by: Sequence[str] = (),
) -> Comparison:
    """:param columns: columns of the new build. A key or amount that the old one lacks is left out."""
    same = {new_name for old_name, new_name in shape.shared if old_name == new_name}
    used = {name for name, _ in columns if amount and re.search(rf"\b{re.escape(name)}\b", amount)}
    types = dict(columns)
    return Comparison(
        old,
        new,
        shape,
        {name: types[name] for _, name in shape.shared},
        tuple(unique_key) if set(unique_key) <= same else (),
        functions,
        tuple(bucketed_by) if set(bucketed_by) <= same else (),
        amount if used <= same else None,
    )


def by_key(pair: Comparison, buckets: int, scope: Scope) -> sql.Composed:
    """What moved per partition, rows matched by key, buckets of ``scope`` only.

    Columns: the partition, added, removed, changed, change of the amount, samples, then the rows in which
    each of ``compared_columns`` changed.
    """
    differs = [_differs(pair, name) for name in compared_columns(pair)]
    marks = [sql.Identifier(f"differs_{number}") for number in range(len(differs))]
    changed = sql.SQL(" OR ").join(marks) if marks else sql.SQL("false")
    return sql.SQL(
        "SELECT {partition} count(*) FILTER (WHERE was IS NULL), count(*) FILTER (WHERE still IS NULL), "
        "count(*) FILTER (WHERE {changed}), sum(amount), {samples} {counts} FROM ("
        "SELECT o._present AS was, n._present AS still, {parts} {marks} "
        "coalesce(n._amount, 0) - coalesce(o._amount, 0) AS amount, "
        "coalesce(n._sampled, o._sampled) AS sampled, o._whole AS before, n._whole AS after "
        "FROM ({old}) AS o FULL JOIN ({new}) AS n ON {same_key}) AS pairs {group}"
    ).format(
        partition=_listed(map(sql.Identifier, pair.partitions)),
        changed=changed,
        samples=_samples({**_MOVED, "changed": changed}),
        counts=_listed((sql.SQL("count(*) FILTER (WHERE {})").format(mark) for mark in marks), before=True),
        parts=_listed(_either(name) for name in pair.partitions),
        marks=_listed(
            sql.SQL("{} AS {}").format(test, mark) for test, mark in zip(differs, marks, strict=True)
        ),
        old=_side(pair, buckets, scope, is_old=True),
        new=_side(pair, buckets, scope, is_old=False),
        same_key=_same_key(pair),
        group=_group(pair),
    )


def compared_columns(pair: Comparison) -> list[str]:
    """Columns in which a row can change."""
    return [name for name in pair.columns if name not in pair.key]


def by_content(pair: Comparison, buckets: int, scope: Scope) -> sql.Composed:
    """The same for a relation without key: rows are told apart by their content, so none is changed."""
    side = sql.SQL("SELECT {sign} AS _sign, {content} AS _content, side.* FROM ({side}) AS side")
    content = row_hash([(name, pair.types[name]) for name in pair.columns], pair.functions)
    rows = sql.SQL(" UNION ALL ").join(
        side.format(
            sign=sql.Literal(sign), content=content, side=_side(pair, buckets, scope, is_old=sign < 0)
        )
        for sign in (1, -1)
    )
    return sql.SQL(
        "SELECT {partition} coalesce(sum(more) FILTER (WHERE more > 0), 0)::bigint, "
        "coalesce(-sum(more) FILTER (WHERE more < 0), 0)::bigint, 0, sum(amount), {samples} FROM ("
        "SELECT {first} sum(_sign) AS more, sum(_sign * _amount) AS amount, bool_or(_sampled) AS sampled, "
        "CASE WHEN sum(_sign) > 0 THEN true END AS still, CASE WHEN sum(_sign) < 0 THEN true END AS was, "
        "min(_whole::text)::jsonb AS before, min(_whole::text)::jsonb AS after "
        "FROM ({rows}) AS sides GROUP BY _content HAVING sum(_sign) <> 0) AS different {group}"
    ).format(
        partition=_listed(map(sql.Identifier, pair.partitions)),
        samples=_samples(_MOVED),
        first=_listed(sql.SQL("min({0}) AS {0}").format(sql.Identifier(name)) for name in pair.partitions),
        rows=rows,
        group=_group(pair),
    )


def _side(pair: Comparison, buckets: int, scope: Scope, is_old: bool) -> sql.Composed:
    """Rows of one build under the new build's names; the whole row as JSON where samples come from."""
    columns = [
        sql.SQL("{} AS {}").format(sql.Identifier(old if is_old else new), sql.Identifier(new))
        for old, new in pair.shape.shared
    ]
    by = [(name, pair.types[name]) for name in pair.bucketed_by or pair.columns]
    bucket = sql.SQL("({} & {})").format(row_hash(by, pair.functions), sql.Literal(buckets - 1))
    amount = sql.SQL(f"({pair.amount})::double precision") if pair.amount else sql.SQL("NULL::float8")
    # OFFSET 0: a row is looked up among the sampled ones once, and not wherever that is named.
    return sql.SQL(
        "SELECT true AS _present, CASE WHEN _sampled THEN to_jsonb(compared) - '_amount' - '_sampled' END "
        "AS _whole, compared.* FROM (SELECT held.*, {sampled} AS _sampled "
        "FROM (SELECT {columns}, {amount} AS _amount FROM {place}) AS held WHERE {wanted} OFFSET 0) "
        "AS compared"
    ).format(
        sampled=_within(bucket, scope.sampled),
        wanted=_NOTHING if is_old and pair.sides == "added" else _within(bucket, scope.wanted),
        columns=sql.SQL(", ").join(columns),
        amount=amount,
        place=_rows(pair, is_old),
    )


def _rows(pair: Comparison, is_old: bool) -> sql.Composable:
    """One side as an item of FROM."""
    if is_old and pair.sides == "replaced":
        return replaced_rows(pair.old, pair.new, pair.key) + sql.SQL(" AS replaced")
    return sql.Identifier(*(pair.old if is_old else pair.new))


def _within(bucket: sql.Composed, buckets: list[int] | None) -> sql.Composable:
    if buckets is None:
        return sql.SQL("true")
    return sql.SQL("{} = ANY({}::bigint[])").format(bucket, sql.Literal(buckets))


def _differs(pair: Comparison, name: str) -> sql.Composed:
    """Whether a column of a row in both builds changed; sums of floating-point numbers up to their noise."""
    kind = pair.types[name]
    old, new = (comparable(sql.Identifier(side, name), kind) for side in ("o", "n"))
    differs = sql.SQL("{} IS DISTINCT FROM {}").format(old, new)
    if kind == "double precision":
        differs = sql.SQL(
            "{differs} AND ({old} IS NULL OR {new} IS NULL "
            "OR abs({old} - {new}) > {tolerance} * greatest(abs({old}), abs({new})))"
        ).format(differs=differs, old=old, new=new, tolerance=_TOLERANCE)
    return sql.SQL("(o._present AND n._present AND {})").format(differs)


def _samples(kinds: Mapping[str, sql.Composable]) -> sql.Composed:
    """Up to a few rows of each kind as JSON."""
    return sql.SQL(" || ").join(
        sql.SQL(
            "coalesce((array_agg(jsonb_build_object('kind', {kind}, "
            "'before', CASE WHEN was THEN before END, 'after', CASE WHEN still THEN after END)) "
            "FILTER (WHERE sampled AND ({test})))[1:{most}], '{{}}')"
        ).format(kind=sql.Literal(kind), test=test, most=sql.Literal(KEPT_SAMPLES))
        for kind, test in kinds.items()
    )


def _same_key(pair: Comparison) -> sql.Composed:
    return sql.SQL(" AND ").join(sql.SQL("o.{0} = n.{0}").format(sql.Identifier(name)) for name in pair.key)


def _either(name: str) -> sql.Composed:
    return sql.SQL("coalesce(n.{0}, o.{0}) AS {0}").format(sql.Identifier(name))


def _group(pair: Comparison) -> sql.Composable:
    if not pair.partitions:
        return sql.SQL("")
    return sql.SQL("GROUP BY {}").format(sql.SQL(", ").join(map(sql.Identifier, pair.partitions)))


def _listed(parts: Iterable[sql.Composable], before: bool = False) -> sql.Composed:
    """Parts of a list with a comma behind each, or before each."""
    form = sql.SQL(", {}" if before else "{}, ")
    return sql.Composed([form.format(part) for part in parts])
