"""Projects numbered by age, and the attribute values their applications give as whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from regendata.sources.project_groups.cleaning import ATTRIBUTES

Numbers = npt.NDArray[np.int64]
#: In place of a value that is unknown or must not match.
NOTHING = -1
#: In place of an unknown time: after all others.
_UNKNOWN = np.iinfo(np.int64).max


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
    def ids(self) -> Numbers:
        """Code of each project's id; ids that differ in case only are one address, so they have one code."""
        folded = pc.ascii_lower(self.table["project_id"].combine_chunks())
        return _encoded(folded)[0]


def number_projects(rows: pa.Table) -> Projects:
    """Number the projects by creation, then name, so that the order of rows decides nothing.

    :param rows: columns ``source``, ``project_id``, ``created_at`` and others.
    """
    codes, names = _encoded(keys(rows))
    # Codes are in the order of appearance, so that the first row of each is found where they grow.
    first = np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=NOTHING))
    created = rows["created_at"].combine_chunks().cast(pa.int64()).fill_null(_UNKNOWN)
    oldest = np.full(len(names), _UNKNOWN)
    np.minimum.at(oldest, codes, created.to_numpy())
    found = rows.select(["source", "project_id"]).take(pa.array(first))
    found = found.append_column("created_at", pa.array(oldest))
    order = _by_age(found)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return Projects(found.select(["source", "project_id"]).take(pa.array(order)), place[codes])


def _by_age(projects: pa.Table) -> Numbers:
    """Order by ``created_at``; texts are compared only among projects of the same instant."""
    created = projects["created_at"].to_numpy()
    order = np.argsort(created)
    same = np.diff(created[order]) == 0
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    again = projects.take(pa.array(order[tied]))
    by_name = [(name, "ascending") for name in ("created_at", "source", "project_id")]
    order[tied] = order[tied][pc.sort_indices(again, by_name).to_numpy()]
    return order


def keys(table: pa.Table) -> pa.Array:
    """One text per row that names its project: source and id."""
    parts = (table[name].combine_chunks() for name in ("source", "project_id"))
    return pc.binary_join_element_wise(*parts, "/")


@dataclass(frozen=True)
class Attribute:
    """One attribute of all rows: per row the place of its value in ``values``, NOTHING where unknown."""

    name: str
    codes: Numbers
    values: pa.Array


def attributes(rows: pa.Table) -> list[Attribute]:
    """The attributes of cleaned rows, in the order of ``ATTRIBUTES``."""
    return [Attribute(name, *_encoded(rows[name].combine_chunks())) for name in ATTRIBUTES]


def _encoded(texts: pa.Array) -> tuple[Numbers, pa.Array]:
    encoded = texts.dictionary_encode()
    codes = encoded.indices.fill_null(NOTHING).to_numpy(zero_copy_only=False)
    return np.asarray(codes, dtype=np.int64), encoded.dictionary
