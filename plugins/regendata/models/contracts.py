"""What each reader of the warehouse was promised: columns with types, and queries that must keep running."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from regendata import paths
from regendata.exceptions import ModelFileError
from regendata.models import cache, lineage
from regendata.models.header import Header
from regendata.models.relation import Reference, Relation, pointed

KEYS = ("reader", "about", "relations", "probes")


@dataclass(frozen=True)
class Probe:
    """A query of a reader."""

    name: str
    select: str
    references: tuple[Reference, ...]

    @property
    def reads(self) -> tuple[Relation, ...]:
        """Relations in the order the query names them, each once."""
        return tuple(dict.fromkeys(reference.relation for reference in self.references))

    def pointed_at(self, places: Mapping[Relation, Relation]) -> str:
        """The query with references replaced by the places of a build."""
        return pointed(self.select, self.references, places)


@dataclass(frozen=True)
class Contract:
    """One reader.

    :param name: the file's name, as checks show it.
    :param relations: column -> type as ``format_type`` prints it, per relation.
    """

    name: str
    reader: str
    relations: Mapping[Relation, Mapping[str, str]]
    probes: tuple[Probe, ...]


@dataclass(frozen=True)
class Loss:
    """What one reader loses with a column."""

    reader: str
    type: str
    probes: tuple[str, ...]


def all_contracts() -> tuple[Contract, ...]:
    """Every contract of the repository, remembered while no file changes: reading them takes 0.1 s."""
    return cache.remembered(
        "contracts", (paths.CONTRACTS,), lambda: load_contracts(paths.CONTRACTS), "*.yaml"
    )


def load_contracts(folder: Path) -> tuple[Contract, ...]:
    """Read every ``<reader>.yaml``.

    :raises ModelFileError: naming file and key.
    """
    return tuple(read_contract(path) for path in sorted(folder.glob("*.yaml")))


def read_contract(path: Path) -> Contract:
    """Read one file."""
    header = Header(path, _mapping(path))
    header.refuse_unknown(KEYS, "key")
    reader = header.text("reader")
    relations = {
        _relation(path, name): _columns(path, name, columns)
        for name, columns in header.mapping("relations", "a mapping of relation to columns").items()
    }
    if not reader or not relations:
        raise ModelFileError(path, "needs a `reader` and its `relations`")
    queries = Header(path, header.mapping("probes", "a mapping of name to query"))
    return Contract(path.stem, reader, relations, tuple(_probe(queries, name) for name in queries.values))


def who_breaks(contracts: Iterable[Contract], relation: Relation, column: str) -> tuple[Loss, ...]:
    """Readers that were promised a column, with the probes that name it."""
    return tuple(
        Loss(contract.reader, contract.relations[relation][column], _naming(contract, relation, column))
        for contract in contracts
        if column in contract.relations.get(relation, {})
    )


def _naming(contract: Contract, relation: Relation, column: str) -> tuple[str, ...]:
    word = re.compile(rf"\b{re.escape(column)}\b")
    return tuple(
        probe.name for probe in contract.probes if relation in probe.reads and word.search(probe.select)
    )


def _mapping(path: Path) -> Mapping[str, Any]:
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ModelFileError(path, f"is not YAML: {error}") from error
    if not isinstance(given, dict):
        raise ModelFileError(path, f"is a mapping of {', '.join(KEYS)}")
    return given


def _relation(path: Path, name: str) -> Relation:
    try:
        return Relation.parse(name)
    except ValueError as error:
        raise ModelFileError(path, f"relations: {error}") from error


def _columns(path: Path, name: str, given: Any) -> Mapping[str, str]:
    if not isinstance(given, dict) or not given or not all(isinstance(kind, str) for kind in given.values()):
        raise ModelFileError(path, f"relations: {name} must be a mapping of column to type")
    return {str(column): str(kind) for column, kind in given.items()}


def _probe(queries: Header, name: str) -> Probe:
    select = queries.text(name).strip().removesuffix(";")
    try:
        references = lineage.references(select, queries.path)
    except ModelFileError as error:
        raise ModelFileError(queries.path, f"probe {name!r}: {error}") from error
    if not references:
        raise ModelFileError(queries.path, f"probe {name!r} reads no relation")
    return Probe(name, select, references)
