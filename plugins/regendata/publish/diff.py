"""What changed in a relation from one build to the next: columns, rows by key, figures per partition.

Rows are first counted and hashed per bucket of the key. Buckets that agree hold the same rows, so only the
others are joined row by row; the digest of a build is kept, so that the next one reads it instead of rows.
Where more rows differ than may be joined, some of those buckets stand for all of them: what moved is
estimated then, and said to be.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

#: Column of a relation: name and type as ``format_type`` writes it.
Column = tuple[str, str]
#: By these a person looks for what happened.
PARTITIONS = ("chain_id", "round_id")
#: Relations with fewer rows are joined whole.
SMALL = 2_000
MOST_BUCKETS = 262_144
#: Keeps the sum of hashes of a bucket within a bigint.
MODULUS = 2**63 - 1
ROWS_PER_BUCKET = 64
KEPT_SAMPLES = 5
KEPT_PARTITIONS = 20


@dataclass(frozen=True)
class Shape:
    """How the columns of two builds of a relation compare; each change as it reads aloud.

    :param shared: (old name, new name) of columns whose values can be compared.
    :param renamed: those of ``shared`` whose names differ: same place, same type.
    """

    shared: tuple[tuple[str, str], ...] = ()
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    retyped: tuple[tuple[str, str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Only what changed."""
        found = {
            "added": list(self.added),
            "dropped": list(self.dropped),
            "renamed": [f"{old} to {new}" for old, new in self.renamed],
            "retyped": [f"{name} from {old} to {new}" for name, old, new in self.retyped],
        }
        return {what: names for what, names in found.items() if names}


def compare_shapes(old: Sequence[Column], new: Sequence[Column]) -> Shape:
    """A column is taken as renamed when its place and type stay and only its name changes."""
    before, after = dict(old), dict(new)
    renamed = tuple(
        (was[0], now[0])
        for was, now in zip(old, new, strict=False)
        if was[0] not in after and now[0] not in before and was[1] == now[1]
    )
    gone, come = {was for was, _ in renamed}, {now for _, now in renamed}
    return Shape(
        shared=tuple((name, name) for name, kind in new if before.get(name) == kind) + renamed,
        added=tuple(name for name in after if name not in before and name not in come),
        dropped=tuple(name for name in before if name not in after and name not in gone),
        renamed=renamed,
        retyped=tuple(
            (name, before[name], kind) for name, kind in new if name in before and before[name] != kind
        ),
    )


@dataclass(frozen=True)
class Digest:
    """Rows and sum of row hashes per bucket of one relation."""

    rows: array[int]
    hashes: array[int]

    @classmethod
    def of(cls, buckets: int, found: Iterable[tuple[int, int, int]]) -> Digest:
        """:param found: (bucket, rows, hash) of buckets that are not empty."""
        return cls(array("q", bytes(8 * buckets)), array("q", bytes(8 * buckets))).plus(found)

    def plus(self, came: Iterable[tuple[int, int, int]]) -> Digest:
        """Digest of these rows and of others; see :meth:`of`."""
        rows, hashes = self.rows[:], self.hashes[:]
        for bucket, more, hashed in came:
            rows[bucket] += more
            hashes[bucket] = (hashes[bucket] + hashed) % MODULUS
        return Digest(rows, hashes)

    @classmethod
    def from_bytes(cls, rows: bytes, hashes: bytes) -> Digest:
        return cls(array("q", rows), array("q", hashes))

    @property
    def buckets(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Scope:
    """Which buckets to join row by row, and which of them samples come from; None means all.

    :param share: of the rows in buckets that differ, those in the wanted ones.
    """

    wanted: list[int] | None = None
    sampled: list[int] | None = None
    share: float = 1.0

    @property
    def is_empty(self) -> bool:
        return self.wanted == []


def scope_of(old: Digest, new: Digest, most_rows: int = 0) -> Scope:
    """Buckets that differ, or as many of them as hold the rows that may be joined.

    Samples come from a few where rows came, went, and changed.

    :param most_rows: of both builds together; 0 sets no limit.
    """
    differing = [
        bucket
        for bucket in range(new.buckets)
        if old.rows[bucket] != new.rows[bucket] or old.hashes[bucket] != new.hashes[bucket]
    ]
    rows = _rows_in(differing, old, new)
    # Buckets are numbered by hashes, so that every so manieth is as good as one drawn by lot.
    step = -(-rows // most_rows) if most_rows else 1
    joined = differing[:: max(step, 1)]
    moved = {
        sign: [bucket for bucket in joined if _sign(new.rows[bucket] - old.rows[bucket]) == sign]
        for sign in (-1, 0, 1)
    }
    sampled = [bucket for found in moved.values() for bucket in found[:KEPT_SAMPLES]]
    # Beyond half of the buckets, looking each row's bucket up costs more than it saves.
    is_all = len(joined) == len(differing) > new.buckets // 2
    return Scope(None if is_all else joined, sampled, _rows_in(joined, old, new) / rows if rows else 1.0)


def _rows_in(buckets: Iterable[int], old: Digest, new: Digest) -> int:
    return sum(old.rows[bucket] + new.rows[bucket] for bucket in buckets)


def buckets_for(rows: int) -> int:
    """A power of two; few rows per bucket, so that one changed row drags few others along."""
    return min(MOST_BUCKETS, 1 << max(rows // ROWS_PER_BUCKET, 1).bit_length())


@dataclass(frozen=True)
class Moved:
    """Rows that were added, removed or changed, and the change of the amount in USD."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    amount_usd: float | None = None

    @property
    def rows(self) -> int:
        return self.added + self.removed + self.changed

    def scaled(self, times: float) -> Moved:
        """What this is when only a share of the rows was looked at."""
        added, removed, changed = (round(rows * times) for rows in (self.added, self.removed, self.changed))
        return Moved(added, removed, changed, None if self.amount_usd is None else self.amount_usd * times)

    def __add__(self, other: Moved) -> Moved:
        amounts = [one for one in (self.amount_usd, other.amount_usd) if one is not None]
        return Moved(
            self.added + other.added,
            self.removed + other.removed,
            self.changed + other.changed,
            sum(amounts) if amounts else None,
        )


@dataclass(frozen=True)
class Partition:
    """What moved in one chain and round, and in which columns."""

    key: Mapping[str, Any]
    moved: Moved
    columns: Mapping[str, int]
    samples: Sequence[Mapping[str, Any]] = ()

    def scaled(self, times: float) -> Partition:
        columns = {name: round(rows * times) for name, rows in self.columns.items()}
        return replace(self, moved=self.moved.scaled(times), columns=columns)


@dataclass(frozen=True)
class RelationDiff:
    """What changed in one relation. ``reason`` stands where rows were not compared; ``moved`` is None then.

    :param columns: (column, rows in which it changed), the most changed first.
    :param samples: rows as ``{"kind": ..., "before": ..., "after": ...}``.
    :param share: of the rows where something differs, those that were looked at; below 1 all figures are
        estimated from them.
    """

    relation: str
    shape: Shape = Shape()
    moved: Moved | None = None
    columns: Sequence[tuple[str, int]] = ()
    partitions: Sequence[Partition] = ()
    samples: Sequence[Mapping[str, Any]] = ()
    reason: str | None = None
    share: float = 1.0
    seconds: float = field(default=0.0, compare=False)

    @property
    def is_same(self) -> bool:
        return self.moved == Moved(amount_usd=self.moved.amount_usd if self.moved else None) and (
            not self.shape.as_json()
        )


def summed(relation: str, shape: Shape, partitions: Sequence[Partition], share: float = 1.0) -> RelationDiff:
    """The diff of a relation from what moved in its partitions; only the largest are kept by name.

    :param share: of the rows where something differs, those that ``partitions`` tell of.
    """
    if share < 1:
        partitions = [partition.scaled(1 / share) for partition in partitions]
    columns: dict[str, int] = {}
    for partition in partitions:
        for name, rows in partition.columns.items():
            columns[name] = columns.get(name, 0) + rows
    ranked = sorted(((name, rows) for name, rows in columns.items() if rows), key=lambda one: (-one[1], one))
    largest = sorted((one for one in partitions if one.moved.rows), key=_weight, reverse=True)
    return RelationDiff(
        relation,
        shape,
        sum((partition.moved for partition in partitions), Moved()),
        ranked,
        [one for one in largest[:KEPT_PARTITIONS] if one.key],
        _some_of_each(sample for partition in largest for sample in partition.samples),
        share=share,
    )


def _weight(partition: Partition) -> tuple[float, int]:
    return abs(partition.moved.amount_usd or 0.0), partition.moved.rows


def _some_of_each(samples: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    kept: dict[str, list[Mapping[str, Any]]] = {}
    for sample in samples:
        same = kept.setdefault(sample["kind"], [])
        if len(same) < KEPT_SAMPLES:
            same.append(_only_changes(sample))
    return [sample for same in kept.values() for sample in same]


def _only_changes(sample: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of a changed row, its key and the columns that changed."""
    before, after = sample.get("before"), sample.get("after")
    if not before or not after:
        return sample
    names = [name for name in after if before.get(name) != after[name]]
    return {
        **sample,
        "before": {name: before.get(name) for name in names},
        "after": {name: after[name] for name in names},
    }


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
