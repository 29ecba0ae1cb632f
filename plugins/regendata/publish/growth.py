"""Which way a relation goes in a build: carried over, extended by new rows, merged with them, or rebuilt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg import sql

from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish.plan import Built, model_fingerprint
from regendata.publish.statements import same_key

WayName = Literal["carried over", "extended", "merged", "rebuilt"]
States = Mapping[Relation, "Held"]


@dataclass(frozen=True)
class Held:
    """What a relation holds: with an equal fingerprint it holds the same rows.

    :param parts: where its rows stand, in the order they came.
    """

    fingerprint: str
    parts: tuple[Relation, ...]

    def since(self, before: Held) -> tuple[Relation, ...]:
        """Parts that came on top of an earlier state; empty when this one did not grow out of it."""
        grown = self.parts[: len(before.parts)] == before.parts
        return self.parts[len(before.parts) :] if grown else ()


@dataclass(frozen=True)
class Way:
    """How a relation is made in this build, and why so.

    :param added: parts with the new rows of the input it grows with.
    """

    name: WayName
    why: str
    added: tuple[Relation, ...] = ()

    def as_whole(self) -> Way:
        """The way to go when a new row turns out to have to do with an old one."""
        if not self.added:
            return self
        return Way("rebuilt", f"{self.why}, but a new one has to do with an old one")


@dataclass(frozen=True)
class Inputs:
    """What the models of a build read, then and now.

    :param before: as the published build read it.
    :param models: those of the inputs that are models; what stands in their parts never changes.
    """

    before: States
    now: States
    models: Collection[Relation]

    def same(self, relation: Relation) -> bool:
        """Whether an input holds the same rows as then."""
        before, now = self.before[relation], self.now[relation]
        if before.fingerprint == now.fingerprint:
            return True
        # Made anew from other inputs, and found equal: its readers look at what it holds.
        return relation in self.models and before.parts == now.parts

    def same_model(self, model: ModelSpec, published: Built) -> bool:
        """Whether what is published was made by this very model: SELECT, key, indexes and checks."""
        if not model.depends_on <= self.before.keys():
            return False
        then = {name: self.before[name].fingerprint for name in model.depends_on}
        return model_fingerprint(model, then) == published.fingerprint


def choose_way(model: ModelSpec, published: Built | None, inputs: Inputs, most_parts: int) -> Way:
    """The cheapest way that is proved to give what a build as a whole would.

    :param most_parts: how many times in a row a relation may be extended.
    """
    reads = sorted(model.depends_on)
    if published is None:
        return Way("rebuilt", "it was not published before")
    unknown = [name for name in reads if name not in inputs.before or name not in inputs.now]
    if unknown:
        return Way("rebuilt", f"nothing is known of {_listed(unknown)} as the published build read it")
    if not inputs.same_model(model, published):
        return Way("rebuilt", "the model changed")
    changed = [name for name in reads if not inputs.same(name)]
    if not changed:
        return Way("carried over", "all that it reads holds the same rows")
    return _extended(model, published, inputs, changed, most_parts)


def _extended(
    model: ModelSpec, published: Built, inputs: Inputs, changed: list[Relation], most_parts: int
) -> Way:
    growth = model.growth
    if growth is None or changed != [growth.source]:
        others = [name for name in changed if growth is None or name != growth.source]
        return Way("rebuilt", f"{_listed(others)} changed")
    added = inputs.now[growth.source].since(inputs.before[growth.source])
    if not added:
        return Way("rebuilt", f"rows of {growth.source} were changed or removed, or it was made anew")
    if len(published.parts) > most_parts:
        return Way("rebuilt", f"extended {len(published.parts) - 1} times since it was built as a whole")
    name: WayName = "merged" if growth.merge else "extended"
    return Way(name, f"rows came to {growth.source}, all else holds the same rows", added)


def _listed(relations: Collection[Relation]) -> str:
    return ", ".join(map(str, relations))


def new_rows_of(model: ModelSpec, added: Sequence[Relation], places: Mapping[Relation, Relation]) -> str:
    """The model's SELECT over the new rows of the input it grows with.

    :param places: where each model the SELECT reads stands in this build.
    """
    if model.growth is None:
        raise ValueError(f"{model.relation} does not grow")
    beside = {name: _text(nothing_of(places.get(name, name))) for name in model.growth.beside}
    return model.pointed_at({**places, **beside, model.growth.source: _text(union_of(added))})


def merged_rows(
    model: ModelSpec, came: str, published: Built, columns: Sequence[tuple[str, str]]
) -> sql.Composed:
    """Rows that came, merged with the published ones of their keys, and what was merged before.

    :param came: the model's SELECT over the new rows of its input.
    :param columns: (name, type) in order; a sum may be of another type than what it adds up.
    """
    key, names = model.unique_key, sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
    merged = sql.SQL(
        "WITH came AS MATERIALIZED (\n{came}\n), held AS (SELECT {names} FROM came UNION ALL "
        "SELECT {names} FROM {published} AS old WHERE EXISTS (SELECT FROM came WHERE {same})) "
        "SELECT {shown} FROM (SELECT {figures} FROM held GROUP BY {key}) AS merged"
    ).format(
        came=sql.SQL(came),
        names=names,
        published=sql.Identifier(*published.place),
        same=same_key("came", "old", key),
        shown=_derived(model, columns),
        figures=_figures(model, columns),
        key=sql.SQL(", ").join(map(sql.Identifier, key)),
    )
    before = [
        sql.SQL(" UNION ALL SELECT {} FROM {} AS still WHERE NOT EXISTS (SELECT FROM came WHERE {})").format(
            names, sql.Identifier(*part), same_key("came", "still", key)
        )
        for part in published.parts[1:]
    ]
    return merged + sql.Composed(before)


def _figures(model: ModelSpec, columns: Sequence[tuple[str, str]]) -> sql.Composed:
    """Key and merged columns; aggregates are among those a header may name, types are the server's own."""
    merge = dict(model.growth.merge) if model.growth else {}
    figures = [
        sql.SQL("{0}({1})::{2} AS {1}").format(sql.SQL(merge[name]), sql.Identifier(name), sql.SQL(kind))
        for name, kind in columns
        if name in merge
    ]
    return sql.SQL(", ").join([*map(sql.Identifier, model.unique_key), *figures])


def _derived(model: ModelSpec, columns: Sequence[tuple[str, str]]) -> sql.Composed:
    """All columns; the expression of a derived one stands in a file of this repository."""
    derived = dict(model.growth.derived) if model.growth else {}
    return sql.SQL(", ").join(
        sql.SQL("({})::{} AS {}").format(sql.SQL(derived[name]), sql.SQL(kind), sql.Identifier(name))
        if name in derived
        else sql.Identifier(name)
        for name, kind in columns
    )


def union_of(parts: Sequence[Relation]) -> sql.Composed:
    """Several relations as one item of FROM; it needs an alias."""
    selects = [sql.SQL("SELECT * FROM {}").format(sql.Identifier(*part)) for part in parts]
    return sql.SQL("({})").format(sql.SQL(" UNION ALL ").join(selects))


def nothing_of(place: Relation) -> sql.Composed:
    """A relation without its rows as an item of FROM; it needs an alias."""
    return sql.SQL("(SELECT * FROM {} WHERE false)").format(sql.Identifier(*place))


def touches(
    model: ModelSpec, part: Relation, published: Built, before: Sequence[Relation], added: Sequence[Relation]
) -> sql.Composed:
    """Whether a new row has to do with an old one: its key is taken, or old rows give a row with it.

    Where rows are merged, a key that is taken is as it should be; one that is not known is taken or not.

    :param part: the model's new rows.
    :param before: parts of the input it grows with, as the published build read it, and ``added`` since.
    """
    tests: list[sql.Composable] = [sql.SQL("false")]
    rows = sql.Identifier(*part)
    if model.growth and model.growth.merge:
        tests.append(_unknown(model.unique_key, rows))
    elif model.unique_key:
        tests.append(_shared(model.unique_key, rows, sql.Identifier(*published.place)))
    if model.growth and model.growth.together:
        columns, new = model.growth.together, union_of(added)
        tests += [_shared(columns, new, union_of(before)), _unknown(columns, new)]
    return sql.SQL("SELECT {}").format(sql.SQL(" OR ").join(tests))


def _shared(columns: Sequence[str], new: sql.Composable, old: sql.Composable) -> sql.Composed:
    same = [sql.SQL("new.{0} = old.{0}").format(sql.Identifier(name)) for name in columns]
    return sql.SQL("EXISTS (SELECT FROM {} AS new INNER JOIN {} AS old ON {})").format(
        new, old, sql.SQL(" AND ").join(same)
    )


def _unknown(columns: Sequence[str], new: sql.Composable) -> sql.Composed:
    """Nulls agree with nothing, so they tell nothing."""
    nulls = [sql.SQL("new.{} IS NULL").format(sql.Identifier(name)) for name in columns]
    return sql.SQL("EXISTS (SELECT FROM {} AS new WHERE {})").format(new, sql.SQL(" OR ").join(nulls))


def _text(item: sql.Composed) -> str:
    return item.as_string(None)
