"""What is written down of groups between two runs, seen from the projects of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regendata.sources.project_groups.alike import NOTHING, Numbers
from regendata.sources.project_groups.identity import Identity, Known
from regendata.sources.project_groups.projects import Projects, keys


def recall(members: pa.Table, in_use: Sequence[str], retired: Collection[str], projects: Projects) -> Known:
    """What earlier runs wrote down, in the order of this run's projects.

    :param members: ``source``, ``project_id``, ``group_id``, ``seniority`` of every project ever seen.
    :param in_use: ids of groups, the oldest first.
    :param retired: ids that were merged into others.
    """
    place = pc.index_in(keys(projects.table), value_set=keys(members))
    groups = pc.index_in(members["group_id"].combine_chunks(), value_set=pa.array(in_use, pa.string()))
    seniority = members["seniority"].combine_chunks()
    newest = pc.max(seniority).as_py()
    next_seniority = 0 if newest is None else newest + 1
    return Known(
        in_use, retired, _numbers(groups.take(place)), _numbers(seniority.take(place)), next_seniority
    )


def gone(members: pa.Table, projects: Projects) -> list[tuple[str, str]]:
    """Source and id of projects that the last run saw and this one does not."""
    is_gone = pc.invert(pc.is_in(keys(members), value_set=keys(projects.table)))
    was_there = pc.is_valid(members["seniority"].combine_chunks())
    rows = members.filter(pc.and_(was_there, is_gone)).to_pylist()
    return [(row["source"], row["project_id"]) for row in rows]


def changed_members(projects: Projects, group_ids: pa.Array, identity: Identity, known: Known) -> pa.Table:
    """Projects to write down: newcomers, those who come back, and those with another id.

    :param group_ids: id of each project's group.
    """
    before = pa.array(known.group_ids, pa.string()).take(_places(known.group))
    moved = pc.fill_null(pc.not_equal(group_ids, before), True)
    rows = {
        "project_id": projects.table["project_id"],
        "source": projects.table["source"],
        "group_id": group_ids,
        "seniority": pa.array(identity.seniority),
    }
    return pa.table(rows).filter(pc.or_(moved, pa.array(known.seniority == NOTHING)))


def _places(numbers: Numbers) -> pa.Array:
    return pa.array(numbers, mask=numbers == NOTHING)


def _numbers(values: pa.Array) -> Numbers:
    filled = pc.fill_null(values.cast(pa.int64()), NOTHING)
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.int64)
