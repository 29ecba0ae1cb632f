"""Attribute rows made from a few words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from regendata.sources.project_groups.cleaning import ATTRIBUTES
from regendata.sources.project_groups.components import Components
from regendata.sources.project_groups.grouping import Grouping, Pairs, group
from regendata.sources.project_groups.identity import Identity, Known, identify
from regendata.sources.project_groups.placeholders import Rule
from regendata.sources.project_groups.projects import keys
from regendata.sources.project_groups.results import group_of_project

NO_RULE = Rule({}, most=1_000_000)
SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("project_id", pa.string()),
        ("created_at", pa.timestamp("us", "UTC")),
        *((name, pa.string()) for name in ATTRIBUTES),
    ]
)


def row(project_id: str, shares: str = "", **given: Any) -> dict[str, Any]:
    """A row of one application.

    :param shares: up to five letters, the values of title, website, payout address, twitter and github; `-`
        for an unknown one.
    """
    values = {name: value for name, value in zip(ATTRIBUTES, shares, strict=False) if value != "-"}
    return {"source": "indexer", "project_id": project_id, "created_at": None, **values, **given}


def table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=SCHEMA)


def grouped(rows: Iterable[Mapping[str, Any]], manual: Pairs = (), rule: Rule = NO_RULE) -> Grouping:
    return group(table(rows), manual, rule)


def parts(grouping: Grouping) -> set[frozenset[str]]:
    """The groups as sets of project ids."""
    ids = grouping.projects.table["project_id"].to_pylist()
    return {frozenset(ids[i] for i in members) for members in _members(grouping.components)}


def _members(components: Components) -> Iterable[list[int]]:
    found: dict[int, list[int]] = {}
    for project, label in enumerate(components.label.tolist()):
        found.setdefault(label, []).append(project)
    return found.values()


class Memory:
    """What the warehouse would keep from run to run, in a dictionary."""

    def __init__(self) -> None:
        self.group_of: dict[str, str] = {}
        self.seniority: dict[str, int] = {}
        self.order: list[str] = []
        self.retired: set[str] = set()

    def run(self, grouping: Grouping) -> Identity:
        """Identify the groups and remember them; projects that are absent stay where they were."""
        names = keys(grouping.projects.table)
        identity = identify(grouping.components, names, self._known(names.to_pylist()))
        for change in identity.changes:
            if change.kind == "merge":
                self._merge(change.from_group, change.to_group)
        now = group_of_project(grouping, identity).to_pylist()
        self.group_of |= dict(zip(names.to_pylist(), now, strict=True))
        self.seniority = dict(zip(names.to_pylist(), identity.seniority.tolist(), strict=True))
        self.order += identity.created
        return identity

    def _known(self, names: list[str]) -> Known:
        import numpy as np

        used = [one for one in self.order if one not in self.retired]
        place = {one: number for number, one in enumerate(used)}
        group = np.array([place[self.group_of[n]] if n in self.group_of else -1 for n in names])
        seniority = np.array([self.seniority.get(n, -1) for n in names])
        return Known(used, set(self.retired), group, seniority, 1 + max(self.seniority.values(), default=-1))

    def _merge(self, from_group: str, to_group: str) -> None:
        self.retired.add(from_group)
        self.group_of = {n: to_group if g == from_group else g for n, g in self.group_of.items()}
