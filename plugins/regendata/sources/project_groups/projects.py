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


@dataclass(frozen=True)
class Projects:
    """Projects, the oldest first; a project's number is its place here.

    :param table: columns ``source``, ``project_id`` and ``created_at`` (first known), one row per project.
    :param of_row: number of the project of each input row.
    """

    table: pa.Table
    of_row: Numbers

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def ids(self) -> Numbers:
        """Code of each project's id; ids that differ in case only are one address, so they have one code."""
        folded = pc.utf8_lower(self.table["project_id"].combine_chunks())
        return _encoded(folded)[0]


def number_projects(rows: pa.Table) -> Projects:
    """Number the projects by creation, then name, so that the order of rows decides nothing.

    :param rows: columns ``source``, ``project_id``, ``created_at`` and others.
    """
    names = ["source", "project_id"]
    found = rows.select([*names, "created_at"]).group_by(names).aggregate([("created_at", "min")])
    found = found.rename_columns([*names, "created_at"])
    order = pc.sort_indices(found, [("created_at", "ascending"), *((name, "ascending") for name in names)])
    table = found.take(order)
    place = pc.index_in(keys(rows), value_set=keys(table))
    return Projects(table, place.to_numpy(zero_copy_only=False).astype(np.int64))


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
