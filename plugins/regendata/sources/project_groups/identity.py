"""Ids of groups that stay: what was known, who is together now, and what follows from both.

A group keeps its id for as long as it exists. On a merge the oldest id wins; on a split the part with the
oldest member keeps it and the other gets a new one. A retired id is never given again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regendata.sources.project_groups.alike import NOTHING, Numbers
from regendata.sources.project_groups.components import Components

MERGE, SPLIT = "merge", "split"
_ID_LENGTH = 16


@dataclass(frozen=True)
class Known:
    """What earlier runs wrote down.

    :param group_ids: groups in use, the oldest first.
    :param retired: ids that were merged into others.
    :param group: place in ``group_ids`` per project; NOTHING for a project seen for the first time.
    :param seniority: order in which projects appeared; NOTHING as above, and for one that was away in the
        last run: whoever stayed keeps the id.
    :param next_seniority: of the first newcomer.
    """

    group_ids: Sequence[str]
    retired: Collection[str]
    group: Numbers
    seniority: Numbers
    next_seniority: int

    @classmethod
    def nothing(cls, count: int) -> Known:
        """Before the first run, for ``count`` projects."""
        return cls([], (), np.full(count, NOTHING), np.full(count, NOTHING), 0)


@dataclass(frozen=True)
class Change:
    """An entry of the history.

    :param kind: :data:`MERGE` or :data:`SPLIT`.
    :param projects: numbers of the projects that went from one id to the other.
    :param oldest: oldest member present of ``from_group``; after a split it is not among ``projects``.
    """

    kind: str
    from_group: str
    to_group: str
    projects: tuple[int, ...]
    oldest: int


@dataclass(frozen=True)
class Identity:
    """What holds after a run.

    :param group_ids: id of each component.
    :param created: ids given for the first time, the oldest first.
    :param changes: one per old group and place its members went to, the oldest group first.
    :param seniority: as in :class:`Known`, now for every project.
    """

    group_ids: Sequence[str]
    created: Sequence[str]
    changes: Sequence[Change]
    seniority: Numbers


def identify(components: Components, names: pa.Array, known: Known) -> Identity:
    """Give every component its id.

    :param names: key of each project, the oldest first; a new id is made from that of the oldest member.
    """
    seniority = _with_newcomers(known)
    oldest = _oldest_present(known, seniority)
    heir = np.where(oldest == NOTHING, NOTHING, components.label[oldest])
    kept = _kept(heir, components.count)
    fresh = np.flatnonzero(kept == NOTHING)
    founders = _first_per(components.label, seniority)[fresh]
    order = np.argsort(seniority[founders])
    created = _new_ids(names.take(pa.array(founders[order])).to_pylist(), known)
    group_ids = [known.group_ids[group] if group != NOTHING else "" for group in kept.tolist()]
    for component, new in zip(fresh[order].tolist(), created, strict=True):
        group_ids[component] = new
    changes = _changes(components.label, known, oldest, group_ids)
    return Identity(group_ids, created, changes, seniority)


def _with_newcomers(known: Known) -> Numbers:
    """Newcomers, and those who come back, stand behind everybody else, the oldest first."""
    new = np.flatnonzero(known.seniority == NOTHING)
    result: Numbers = known.seniority.copy()
    result[new] = known.next_seniority + np.arange(len(new))
    return result


def _first_per(group: Numbers, seniority: Numbers) -> Numbers:
    """Most senior project per group; groups are numbered without gaps."""
    order = np.lexsort((seniority, group))
    return order[np.unique(group[order], return_index=True)[1]]


def _oldest_present(known: Known, seniority: Numbers) -> Numbers:
    """Oldest member of each known group that the sources still have; NOTHING when none is left."""
    oldest = np.full(len(known.group_ids), NOTHING)
    present = np.flatnonzero(known.group != NOTHING)
    groups, places = np.unique(known.group[present], return_inverse=True)
    oldest[groups] = present[_first_per(places, seniority[present])]
    return oldest


def _kept(heir: Numbers, components: int) -> Numbers:
    """Oldest known group that each component is heir of; NOTHING for one that needs an id."""
    kept = np.full(components, len(heir))
    groups = np.flatnonzero(heir != NOTHING)
    np.minimum.at(kept, heir[groups], groups)
    return np.where(kept == len(heir), NOTHING, kept)


def _new_ids(names: Sequence[str], known: Known) -> list[str]:
    """Made from the oldest member, so that every environment gives the same; numbered on if it was given."""
    taken = {*known.group_ids, *known.retired}
    ids = []
    for name in names:
        new, number = _hash(name), 1
        while new in taken:
            number += 1
            new = _hash(f"{name}#{number}")
        taken.add(new)
        ids.append(new)
    return ids


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_ID_LENGTH]


def _changes(label: Numbers, known: Known, oldest: Numbers, group_ids: Sequence[str]) -> list[Change]:
    """One per known group and component that members went to under another id."""
    present = np.flatnonzero(known.group != NOTHING)
    now = pa.array(group_ids, pa.string()).take(pa.array(label[present]))
    before = pa.array(known.group_ids, pa.string()).take(pa.array(known.group[present]))
    gone: dict[tuple[int, int], list[int]] = {}
    for project in present[pc.not_equal(now, before).to_numpy(zero_copy_only=False)].tolist():
        gone.setdefault((int(known.group[project]), int(label[project])), []).append(project)
    return [
        Change(
            MERGE if label[oldest[group]] == component else SPLIT,
            known.group_ids[group],
            group_ids[component],
            tuple(projects),
            int(oldest[group]),
        )
        for (group, component), projects in sorted(gone.items())
    ]
