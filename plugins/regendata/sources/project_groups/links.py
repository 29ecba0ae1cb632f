"""Links between projects, found without comparing pairs.

Two rows agree on at least three of five attributes exactly when they agree on one of the ten triples of
attributes. So rows are sorted by each triple and linked to their neighbour in a run of equal values: ten
sorts, however many rows share a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from regendata.sources.project_groups.cleaning import ATTRIBUTES
from regendata.sources.project_groups.projects import NOTHING, Numbers

SAME_ID, MANUAL, SHARED_ATTRIBUTES = range(3)
REASONS = ("project_id", "manual link", "attributes")
LEAST_SHARED = 3

_BITS = 1 << np.arange(len(ATTRIBUTES))
#: How many attributes each bit mask holds.
_COUNTS = np.array([mask.bit_count() for mask in range(1 << len(ATTRIBUTES))])
_LARGEST = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Links:
    """Links between projects, each pair once; arrays of equal length.

    :param first, second: project numbers, ``first`` the smaller.
    :param reason: place in :data:`REASONS`.
    :param shared: attributes that both share, a bit per place in ``ATTRIBUTES``; 0 for other reasons.
    """

    first: Numbers
    second: Numbers
    reason: Numbers
    shared: Numbers

    def __len__(self) -> int:
        return len(self.first)


def shared_names(mask: int) -> list[str]:
    """Attributes of a bit mask."""
    return [name for place, name in enumerate(ATTRIBUTES) if mask >> place & 1]


def same_id_links(ids: Numbers) -> Links:
    """Links between projects with one id, such as an id that both sources know."""
    order = np.argsort(ids, kind="stable")
    same = ids[order[1:]] == ids[order[:-1]]
    return _links(order[:-1][same], order[1:][same], SAME_ID)


def manual_links(pairs: npt.NDArray[np.int64]) -> Links:
    """Links that people keep by hand.

    :param pairs: project numbers, shape (links, 2).
    """
    return _links(pairs[:, 0], pairs[:, 1], MANUAL)


def attribute_links(codes: Numbers, of_row: Numbers) -> Links:
    """Links between projects that share at least three attributes.

    :param codes: attribute values per row, shape (rows, attributes); values that must not match are NOTHING.
    :param of_row: project of each row.
    """
    enough = np.flatnonzero((codes != NOTHING).sum(axis=1) >= LEAST_SHARED)
    order = enough[np.argsort(of_row[enough], kind="stable")]
    codes, of_row = codes[order], of_row[order]
    neighbours = [_neighbours(codes[:, triple]) for triple in _triples()]
    first, second = (np.concatenate(side) for side in zip(*neighbours, strict=True))
    apart = of_row[first] != of_row[second]
    first, second = first[apart], second[apart]
    shared = ((codes[first] == codes[second]) & (codes[first] != NOTHING)) @ _BITS
    return _links(of_row[first], of_row[second], SHARED_ATTRIBUTES, shared)


def joined(parts: Sequence[Links]) -> Links:
    """All links, each pair of projects once: by id if it can be, else by hand, else by most attributes."""
    names = ("first", "second", "reason", "shared")
    first, second, reason, shared = (np.concatenate([getattr(one, name) for one in parts]) for name in names)
    order = np.lexsort((shared, -_COUNTS[shared], reason, second, first))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(first[order]) != 0) | (np.diff(second[order]) != 0)
    best = order[fresh]
    return Links(first[best], second[best], reason[best], shared[best])


def _links(one: Numbers, other: Numbers, reason: int, shared: Numbers | None = None) -> Links:
    apart = one != other
    one, other = one[apart], other[apart]
    shared = np.zeros(len(one), dtype=np.int64) if shared is None else shared[apart]
    return Links(np.minimum(one, other), np.maximum(one, other), np.full(len(one), reason), shared)


def _triples() -> Iterator[list[int]]:
    return (list(places) for places in combinations(range(len(ATTRIBUTES)), LEAST_SHARED))


def _neighbours(codes: Numbers) -> tuple[Numbers, Numbers]:
    """Rows that follow each other in a run of equal values; rows with an unknown value are left out."""
    known = np.flatnonzero((codes != NOTHING).all(axis=1))
    key = _one_number(codes[known])
    order = np.argsort(key, kind="stable")
    same = key[order[1:]] == key[order[:-1]]
    return known[order[:-1][same]], known[order[1:][same]]


def _one_number(codes: Numbers) -> Numbers:
    """A number per row, equal where all columns are."""
    key = codes[:, 0]
    for column in codes.T[1:]:
        width = int(column.max(initial=0)) + 1
        if int(key.max(initial=0)) >= _LARGEST // width:
            key = np.unique(key, return_inverse=True)[1]
        key = key * width + column
    return key
