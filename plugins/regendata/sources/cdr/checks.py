"""What must hold of a new set of files, by itself and beside the one that is published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from regendata.sources.cdr.files import DATA_SETS, DataSet, number_text, parsed
from regendata.sources.cdr.manifest import FileEntry, Manifest, sha256_of

ZERO = Decimal(0)
#: A group smaller than this may change as it likes: one restated order moves it by half.
SMALL_GROUP = Decimal(1000)
#: Tons that rounding each line of a file may add up to.
_ROUNDING = Decimal("0.01")


@dataclass(frozen=True)
class Limits:
    """Largest changes from one published set to the next, in percent."""

    fall_pct: int
    rise_pct: int
    group_fall_pct: int


@dataclass(frozen=True)
class Finding:
    """One check: what was found, what was expected."""

    check: str
    passed: bool
    figure: str
    expected: str

    def __str__(self) -> str:
        return f"{self.check}: {self.figure}, expected {self.expected}"


def entry_of(data_set: DataSet, key: str, content: bytes) -> FileEntry:
    """A file with its checksum and the figures that are compared from day to day."""
    header, rows = parsed(content)
    totals = {column: _last(header, rows, column) for column in data_set.running}
    totals |= {column: _sum(header, rows, column) for column in data_set.totals}
    return FileEntry(
        key=key,
        sha256=sha256_of(content),
        bytes=len(content),
        rows=len(rows),
        columns=tuple(header),
        totals={column: number_text(value) for column, value in totals.items()},
        groups={name: number_text(value) for name, value in _groups(data_set, header, rows).items()},
    )


def check_content(data_set: DataSet, content: bytes) -> Iterator[Finding]:
    """What must hold of a file by itself."""
    name = data_set.name
    header, rows = parsed(content)
    yield Finding(
        f"{name} columns", tuple(header) == data_set.columns, ",".join(header), ",".join(data_set.columns)
    )
    yield Finding(f"{name} rows", bool(rows), str(len(rows)), "at least 1")
    ragged = sum(len(row) != len(header) for row in rows)
    yield Finding(f"{name} fields per row", not ragged, f"{ragged} rows differ", "as many as columns")
    if ragged or tuple(header) != data_set.columns:
        return
    if data_set.key:
        keys = [tuple(row[header.index(column)] for column in data_set.key) for row in rows]
        repeated = len(keys) - len(set(keys))
        yield Finding(f"{name} unique {' '.join(data_set.key)}", not repeated, f"{repeated} repeated", "none")
    for column in data_set.running:
        values = [Decimal(row[header.index(column)]) for row in rows]
        falls = sum(later < earlier for earlier, later in pairwise(values))
        yield Finding(f"{name} {column} never falls", not falls, f"{falls} falls", "none")


def check_agreement(files: Mapping[str, FileEntry], counted_tons: Decimal) -> Iterator[Finding]:
    """The files tell one story, and it is that of the landed orders.

    :param counted_tons: tons of counted orders with a date, summed by the warehouse.
    """
    tons = Decimal(files["orders_for_viz"].totals["tons_purchased_cum"])
    sold = Decimal(files["suppliers_for_viz"].totals["tons_sold"])
    for check, one, other in (
        ("tons purchased equal credit sales", tons, counted_tons),
        ("tons sold equal tons purchased", sold, tons),
    ):
        yield Finding(check, abs(one - other) <= _ROUNDING, str(one), str(other))
    dac = Decimal(files["orders_for_viz"].totals["dac_tons_purchased_cum"])
    yield Finding("DAC is part of all", dac <= tons, str(dac), f"at most {tons}")


def compare(files: Mapping[str, FileEntry], published: Manifest | None, limits: Limits) -> Iterator[Finding]:
    """Rows, totals and groups beside those published; a first set has nothing to be compared with."""
    if published is None:
        return
    for name in DATA_SETS:
        new, old = files[name], published.files.get(name)
        if old is not None:
            yield _within(f"{name} rows", Decimal(old.rows), Decimal(new.rows), limits)
            for column in old.totals.keys() & new.totals.keys():
                before, after = Decimal(old.totals[column]), Decimal(new.totals[column])
                yield _within(f"{name} {column}", before, after, limits)
            yield from _group_falls(name, old.groups, new.groups, limits)


def _within(check: str, before: Decimal, after: Decimal, limits: Limits) -> Finding:
    low = before * (100 - limits.fall_pct) / 100
    high = before * (100 + limits.rise_pct) / 100
    passed = low <= after and (after <= high or not before)
    figure = f"{number_text(after)} after {number_text(before)}"
    return Finding(check, passed, figure, f"{number_text(low)} to {number_text(high)}")


def _group_falls(
    name: str, before: Mapping[str, str], after: Mapping[str, str], limits: Limits
) -> Iterator[Finding]:
    for group, text in sorted(before.items()):
        old, new = Decimal(text), Decimal(after.get(group, "0"))
        if old >= SMALL_GROUP:
            least = old * (100 - limits.group_fall_pct) / 100
            figure = f"{number_text(new)} after {number_text(old)}"
            yield Finding(f"{name} {group}", new >= least, figure, f"at least {number_text(least)}")


def _last(header: list[str], rows: list[list[str]], column: str) -> Decimal:
    return Decimal(rows[-1][header.index(column)]) if rows else ZERO


def _sum(header: list[str], rows: list[list[str]], column: str) -> Decimal:
    return sum((Decimal(row[header.index(column)]) for row in rows), ZERO)


def _groups(data_set: DataSet, header: list[str], rows: list[list[str]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    if data_set.group_by:
        places = [header.index(column) for column in data_set.group_by]
        value = header.index(data_set.totals[0])
        for row in rows:
            found[" ".join(row[place] for place in places)] += Decimal(row[value])
    return dict(found)
