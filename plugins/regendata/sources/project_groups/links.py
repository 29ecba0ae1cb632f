"""Links between projects, found without comparing pairs.

Two rows agree on at least three of five attributes exactly when they agree on one of the ten triples of
attributes. So rows are sorted by each triple, and each run of equal values is linked to its oldest project:
ten sorts, however many rows share a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from regendata.sources.project_groups.alike import NOTHING, Numbers, Runs, runs_of_sorted
from regendata.sources.project_groups.cleaning import ATTRIBUTES

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


def same_id_links(same: Runs) -> Links:
    """Links between projects with one id, such as an id that both sources know.

    :param same: runs of projects with the same id.
    """
    return _links(same.spread(same.firsts), same.rows, SAME_ID)


def manual_links(pairs: npt.NDArray[np.int64]) -> Links:
    """Links that people keep by hand.

    :param pairs: project numbers, shape (links, 2).
    """
    return _links(pairs[:, 0], pairs[:, 1], MANUAL)


def attribute_links(codes: Numbers, of_row: Numbers) -> Links:
    """Links between projects that share at least three attributes.

    :param codes: attribute values per row, shape (attributes, rows); values that must not match are NOTHING.
    :param of_row: project of each row.
    """
    enough = np.flatnonzero((codes != NOTHING).sum(axis=0) >= LEAST_SHARED)
    order = enough[np.argsort(of_row[enough])]
    codes, of_row = codes[:, order], of_row[order]
    first, second = _different(np.concatenate([_alike(codes[triple]) for triple in _triples()], axis=1))
    shared = np.zeros(len(first), dtype=np.int64)
    for bit, values in zip(_BITS, codes, strict=True):
        shared[(values[first] == values[second]) & (values[first] != NOTHING)] |= bit
    return _links(of_row[first], of_row[second], SHARED_ATTRIBUTES, shared)


def joined(parts: Sequence[Links]) -> Links:
    """All links, each pair of projects once: by id if it can be, else by hand, else by most attributes."""
    names = ("first", "second", "reason", "shared")
    first, second, reason, shared = (np.concatenate([getattr(one, name) for one in parts]) for name in names)
    # What is preferred of a pair comes first, in ten bits: up to 2**26 projects make one number of it all.
    rank = (reason << 8) | ((len(ATTRIBUTES) - _COUNTS[shared]) << 5) | shared
    width = int(second.max(initial=0)) + 1
    both = np.sort(((first * width + second) << 10) | rank)
    pair = both >> 10
    best = np.flatnonzero(np.diff(pair, prepend=NOTHING))
    first, second = np.divmod(pair[best], width)
    return Links(first, second, (both[best] >> 8) & 3, both[best] & 31)


def _links(one: Numbers, other: Numbers, reason: int, shared: Numbers | None = None) -> Links:
    apart = one != other
    one, other = one[apart], other[apart]
    shared = np.zeros(len(one), dtype=np.int64) if shared is None else shared[apart]
    return Links(np.minimum(one, other), np.maximum(one, other), np.full(len(one), reason), shared)


def _triples() -> Iterator[list[int]]:
    return (list(places) for places in combinations(range(len(ATTRIBUTES)), LEAST_SHARED))


def _alike(codes: Numbers) -> Numbers:
    """Rows with the same known values, each with the first of them; shape (2, pairs)."""
    known = np.flatnonzero((codes != NOTHING).all(axis=0))
    key = _one_number(codes[:, known])
    order = np.argsort(key)
    found = runs_of_sorted(key[order], known[order])
    return np.stack([found.spread(found.firsts), found.rows])


def _different(pairs: Numbers) -> Numbers:
    """Each pair once."""
    width = int(pairs.max(initial=0)) + 1
    both = np.sort(pairs[0] * width + pairs[1])
    return np.stack(np.divmod(both[np.flatnonzero(np.diff(both, prepend=NOTHING))], width))


def _one_number(codes: Numbers) -> Numbers:
    """A number per row, equal where all attributes are."""
    key: Numbers = codes[0]
    for column in codes[1:]:
        width = int(column.max(initial=0)) + 1
        if int(key.max(initial=0)) >= _LARGEST // width:
            key = np.unique(key, return_inverse=True)[1]
        key = key * width + column
    return key
