"""Rules about single rows as SQL: which rows break them, how many, and what they look like."""

from __future__ import annotations

import re
from functools import singledispatch

from psycopg import sql

from regendata.models.checks import AcceptedValues, Holds, Matches, NotNull, Range, RowRule, Rule
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish.checks.partitions import Partitions, outside
from regendata.publish.checks.verdict import SAMPLES, Finding, Samples


@singledispatch
def broken(rule: Rule) -> sql.Composed:
    """Condition that is true for the rows that break a rule."""
    raise TypeError(f"{rule.name} is not about single rows")


@broken.register
def _(rule: NotNull) -> sql.Composed:
    return sql.SQL("{} IS NULL").format(sql.Identifier(rule.column))


@broken.register
def _(rule: AcceptedValues) -> sql.Composed:
    values = sql.SQL(", ").join(map(sql.Literal, rule.values))
    return sql.SQL("{} NOT IN ({})").format(sql.Identifier(rule.column), values)


@broken.register
def _(rule: Range) -> sql.Composed:
    column = sql.Identifier(rule.column)
    bounds = [("<", rule.least), (">", rule.most)]
    parts = [
        sql.SQL("{} {} {}").format(column, sql.SQL(sign), sql.Literal(bound))
        for sign, bound in bounds
        if bound is not None
    ]
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts) if parts else sql.SQL("false"))


@broken.register
def _(rule: Matches) -> sql.Composed:
    return sql.SQL("{} !~ {}").format(sql.Identifier(rule.column), sql.Literal(rule.pattern))


@broken.register
def _(rule: Holds) -> sql.Composed:
    # The condition stands in a file of this repository, like the SELECT below it.
    return sql.SQL("NOT ({})").format(sql.SQL(rule.condition))


def expected(rule: RowRule) -> str:
    """What a rule wants, in words."""
    if isinstance(rule, NotNull):
        return "0 NULL"
    if isinstance(rule, AcceptedValues):
        return f"one of {', '.join(map(str, rule.values))}"
    if isinstance(rule, Range):
        parts = [("from", rule.least), ("up to", rule.most)]
        return " ".join(f"{word} {bound}" for word, bound in parts if bound is not None)
    return f"matching {rule.pattern}" if isinstance(rule, Matches) else f"no row but such that {rule.says}"


def count_statement(place: Relation, rule: RowRule, left_out: Partitions = ()) -> sql.Composed:
    """How many rows break the rule outside of some partitions."""
    return sql.SQL("SELECT count(*) FROM {} WHERE {} AND {}").format(
        sql.Identifier(*place), broken(rule), outside(left_out)
    )


def samples_statement(
    model: ModelSpec, place: Relation, rule: RowRule, left_out: Partitions = ()
) -> sql.Composed:
    """Some of the rows that break the rule: their key and the columns in question, as JSON."""
    shown = dict.fromkeys((*model.unique_key, *_subject(model, rule))) if model.unique_key else None
    columns = sql.SQL(", ").join(map(sql.Identifier, shown)) if shown else sql.SQL("*")
    return sql.SQL("SELECT to_jsonb(s) FROM (SELECT {} FROM {} WHERE {} AND {} LIMIT {}) AS s").format(
        columns, sql.Identifier(*place), broken(rule), outside(left_out), sql.Literal(SAMPLES)
    )


def _subject(model: ModelSpec, rule: RowRule) -> tuple[str, ...]:
    if not isinstance(rule, Holds):
        return rule.columns
    words = set(re.findall(r"\w+", rule.condition))
    return tuple(name for name, _ in model.columns if name in words)


def finding(rule: RowRule, count: int, statement: str, samples: Samples) -> Finding:
    """The finding for a number of rows that break the rule."""
    what = "NULL" if isinstance(rule, NotNull) else "row" if count == 1 else "rows"
    return Finding(count == 0, f"{count} {what}", expected(rule), statement, samples)
