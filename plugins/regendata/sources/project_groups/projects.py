"""Projects, numbered by age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regendata.sources.project_groups.alike import Numbers, Runs, column, runs

#: In place of an unknown time: after all others.
_UNKNOWN = np.iinfo(np.int64).max
_NAME = ("source", "project_id")


@dataclass(frozen=True)
class Projects:
    """Projects, the oldest first; a project's number is its place here.

    :param table: columns ``source`` and ``project_id``, one row per project.
    :param of_row: number of the project of each input row.
    """

    table: pa.Table
    of_row: Numbers

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def folded_ids(self) -> pa.Array:
        """Each project's id as ids are compared: those that differ in case only are one address."""
        return pc.ascii_lower(column(self.table, "project_id"))


def number_projects(rows: pa.Table) -> Projects:
    """Number the projects by creation, then name, so that the order of rows decides nothing.

    :param rows: columns ``source``, ``project_id``, ``created_at`` and others.
    """
    again = runs([column(rows, name) for name in _NAME])
    first_row = np.arange(rows.num_rows)
    first_row[again.rows] = again.spread(again.firsts)
    is_first = first_row == np.arange(rows.num_rows)
    firsts = np.flatnonzero(is_first)
    order = _by_age(rows, firsts, _created(rows, again)[firsts])
    place = np.empty(rows.num_rows, dtype=np.int64)
    place[firsts[order]] = np.arange(len(order))
    return Projects(rows.select(_NAME).take(pa.array(firsts[order])), place[first_row])


def _created(rows: pa.Table, again: Runs) -> Numbers:
    """When the project of each row was created; in the first row of a project it is the earliest known."""
    told = column(rows, "created_at").cast(pa.int64()).fill_null(_UNKNOWN)
    created: Numbers = told.to_numpy(zero_copy_only=False).copy()
    if len(again):
        created[again.firsts] = np.minimum.reduceat(created[again.rows], again.starts)
    return created


def _by_age(rows: pa.Table, firsts: Numbers, created: Numbers) -> Numbers:
    """Order by creation; texts are compared only among projects of the same instant.

    :param firsts: a row per project, ``created`` its time.
    """
    order = np.argsort(created)
    same = np.diff(created[order]) == 0
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    names = rows.select(_NAME).take(pa.array(firsts[order[tied]]))
    names = names.append_column("created", pa.array(created[order[tied]]))
    by_name = [(name, "ascending") for name in ("created", *_NAME)]
    order[tied] = order[tied][pc.sort_indices(names, by_name).to_numpy()]
    return order


def keys(table: pa.Table) -> pa.Array:
    """One text per row that names its project: source and id."""
    parts = (column(table, name) for name in _NAME)
    return pc.binary_join_element_wise(*parts, "/")
