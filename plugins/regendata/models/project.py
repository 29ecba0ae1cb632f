"""All models of one system and the tables they stand on, checked against each other and put in order."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from regendata import paths
from regendata.exceptions import CycleError, ModelFileError
from regendata.models import cache
from regendata.models.checks import ForeignKey
from regendata.models.dictionary import columns_of
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec, read_model
from regendata.models.tables import TableSpec, load_tables


@dataclass(frozen=True)
class Project:
    """Models of one system in build order, and every table the warehouse has a file for."""

    system: str
    models: Mapping[Relation, ModelSpec]
    tables: Mapping[Relation, TableSpec]

    def parents(self, relation: Relation) -> tuple[Relation, ...]:
        """The models that ``relation`` reads, in build order."""
        return tuple(model for model in self.models if model in self.models[relation].depends_on)

    def ancestors(self, relation: Relation) -> tuple[Relation, ...]:
        """The models that ``relation`` reads, directly or through others, in build order."""
        found = set(self.parents(relation))
        for parent in tuple(found):
            found |= set(self.ancestors(parent))
        return tuple(model for model in self.models if model in found)

    def readers(self, relation: Relation) -> tuple[ModelSpec, ...]:
        """The models that read ``relation`` directly."""
        return tuple(model for model in self.models.values() if relation in model.depends_on)

    @property
    def inputs(self) -> frozenset[Relation]:
        """Tables that at least one model reads."""
        return frozenset().union(*(model.depends_on for model in self.models.values())) - set(self.models)


def load_project(system: str) -> Project:
    """Read ``include/sql/<system>`` and ``include/sql/tables``, or remember them while no file changes."""
    folders = (paths.models_of(system), paths.TABLES)
    return cache.remembered(f"project-{system}", folders, lambda: read_project(system, *folders))


def read_project(system: str, models_folder: Path, tables_folder: Path) -> Project:
    """Read, cross-check and order.

    :raises ModelFileError: a model reads a relation for which no file exists, or has the name of a table.
    :raises CycleError: models read each other in a circle; the message shows the path.
    """
    tables = load_tables(tables_folder)
    specs = {spec.relation: spec for spec in map(read_model, sorted(models_folder.glob("*/*.sql")))}
    for spec in specs.values():
        _refuse_unknown(spec, specs, tables)
    project = Project(system, {relation: specs[relation] for relation in _ordered(specs)}, tables)
    for spec in specs.values():
        _refuse_unmerged(project, spec)
    return project


def _refuse_unknown(
    spec: ModelSpec, specs: Mapping[Relation, ModelSpec], tables: Mapping[Relation, TableSpec]
) -> None:
    if spec.relation in tables:
        raise ModelFileError(
            spec.path, f"{spec.relation} is a table as well: {paths.shown(tables[spec.relation].path)}"
        )
    for reference in spec.references:
        if reference.relation not in specs and reference.relation not in tables:
            raise ModelFileError(
                spec.path,
                f"reads {reference.relation}, which is neither a model nor a table with a file "
                f"under {paths.shown(paths.TABLES)}",
            )
    source = specs.get(spec.growth.source) if spec.growth else None
    if source and source.growth and source.growth.merge:
        raise ModelFileError(spec.path, f"grows: rows of {source.relation} are merged, not only added", 1)
    for rule in spec.checks:
        if isinstance(rule, ForeignKey) and rule.relation not in specs and rule.relation not in tables:
            raise ModelFileError(spec.path, f"{rule.name}: there is neither such a model nor such a table", 1)


def _refuse_unmerged(project: Project, spec: ModelSpec) -> None:
    """A column that nobody says how to merge would be missed at the first new rows only."""
    if spec.growth is None or not spec.growth.merge:
        return
    told = [*spec.unique_key, *dict(spec.growth.merge), *dict(spec.growth.derived)]
    columns = columns_of(project, spec.relation)
    for name in sorted({*columns, *told}):
        if name not in columns:
            raise ModelFileError(spec.path, f"grows: the SELECT gives no column {name}", 1)
        if told.count(name) != 1:
            where = "exactly one of unique_key, merge and derived"
            raise ModelFileError(spec.path, f"grows: column {name} has to be in {where}", 1)


def _ordered(specs: Mapping[Relation, ModelSpec]) -> Iterator[Relation]:
    """Dependencies first; equals in the order of their names, so that every run plans the same."""
    sorter = graphlib.TopologicalSorter(
        {relation: sorted(specs[relation].depends_on & specs.keys()) for relation in sorted(specs)}
    )
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        circle = " -> ".join(str(relation) for relation in reversed(error.args[1]))
        raise CycleError(f"models depend on each other in a circle: {circle}") from error
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        yield from ready
        sorter.done(*ready)
