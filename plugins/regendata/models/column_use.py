"""Which models use a column, and whatever depends on them: what breaks when the column goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from regendata.models.contracts import Contract, Probe
from regendata.models.lineage import folded
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec


@dataclass(frozen=True)
class Promise:
    """A reader that was promised the column, with its type, and those of its queries that use it."""

    reader: str
    type: str
    probes: tuple[str, ...]


@dataclass(frozen=True)
class Impact:
    """What goes with a column.

    :param models: models whose SQL uses it; they cannot be built any more.
    :param downstream: models that read those, directly or through others; they stand still.
    :param promises: readers that were promised the column itself.
    :param starved: readers, with their relations among the models and those downstream.
    :param checks: checks and keys of the relation's own header that name it.
    """

    models: tuple[Relation, ...]
    downstream: tuple[Relation, ...]
    promises: tuple[Promise, ...]
    starved: Mapping[str, tuple[Relation, ...]]
    checks: tuple[str, ...]


def impact(
    projects: Sequence[Project], contracts: Sequence[Contract], relation: Relation, column: str
) -> Impact:
    """All that breaks, or stands still, when a column of a relation goes."""
    models = {name: model for project in projects for name, model in project.models.items()}
    direct = [name for name, model in models.items() if uses(model.select, relation, column)]
    later = [name for name in _downstream(models, direct) if name not in direct]
    still = {*direct, *later}
    starved = {
        contract.reader: tuple(name for name in contract.relations if name in still)
        for contract in contracts
        if still & contract.relations.keys()
    }
    own = models.get(relation)
    return Impact(
        tuple(direct),
        tuple(later),
        tuple(_promises(contracts, relation, column)),
        starved,
        tuple(_header_uses(own, column)) if own else (),
    )


def uses(select: str, relation: Relation, column: str) -> bool:
    """Whether a SELECT names the column of the relation, or takes it along with ``*``.

    An unqualified column counts where the relation is among those it may come from.
    """
    return any(_uses(scope, relation, column) for scope in _scopes(select))


@lru_cache(maxsize=256)
def _scopes(select: str) -> tuple[Scope, ...]:
    return tuple(traverse_scope(sqlglot.parse_one(select, dialect="postgres")))


def _uses(scope: Scope, relation: Relation, column: str) -> bool:
    aliases = {alias for alias, source in scope.sources.items() if _is(source, relation)}
    if not aliases:
        return False
    named = any(
        folded(found.this) == column and (not found.table or found.table in aliases)
        for found in scope.columns
        if isinstance(found.this, exp.Identifier)
    )
    return named or _takes_all(scope, aliases)


def _takes_all(scope: Scope, aliases: set[str]) -> bool:
    selects = getattr(scope.expression, "expressions", [])
    return any(
        isinstance(one, exp.Star)
        or (isinstance(one, exp.Column) and isinstance(one.this, exp.Star) and one.table in aliases)
        for one in selects
    )


def _is(source: object, relation: Relation) -> bool:
    if not isinstance(source, exp.Table) or not isinstance(source.this, exp.Identifier):
        return False
    schema = source.args.get("db")
    return schema is not None and Relation(folded(schema), folded(source.this)) == relation


def _downstream(models: Mapping[Relation, ModelSpec], changed: Iterable[Relation]) -> Iterator[Relation]:
    reached = set(changed)
    while True:
        found = {name for name, model in models.items() if model.depends_on & reached} - reached
        if not found:
            return
        yield from sorted(found)
        reached |= found


def _promises(contracts: Iterable[Contract], relation: Relation, column: str) -> Iterator[Promise]:
    for contract in contracts:
        probes = tuple(probe.name for probe in contract.probes if _probe_uses(probe, relation, column))
        promised = contract.relations.get(relation, {}).get(column)
        if promised or probes:
            yield Promise(contract.reader, promised or "not promised", probes)


def _probe_uses(probe: Probe, relation: Relation, column: str) -> bool:
    return relation in probe.reads and uses(probe.select, relation, column)


def _header_uses(model: ModelSpec, column: str) -> Iterator[str]:
    if column in model.unique_key:
        yield f"unique key ({', '.join(model.unique_key)})"
    yield from (f"index ({', '.join(index)})" for index in model.indexes if column in index)
    yield from (rule.name for rule in model.checks if column in rule.columns)
