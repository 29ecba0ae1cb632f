"""Heat maps: what is there, in part, missing or unknown, cell by cell; and the gaps in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

#: From nothing to all.
LEVELS = ("none", "little", "some", "most", "full")
#: Not wanted there, and asked for in vain.
IDLE, UNKNOWN = "idle", "unknown"
GAPS = (*LEVELS[:-1], UNKNOWN)


@dataclass(frozen=True)
class Cell:
    """One cell; ``told`` says what it stands for."""

    word: str
    told: str

    @property
    def is_gap(self) -> bool:
        return self.word in GAPS


@dataclass(frozen=True)
class Line:
    """A row of the map. A cell that may be filled leads to the form of the DAG that fills it."""

    label: str
    cells: Sequence[Cell]
    fill: Callable[[int, int], str] | None = None


@dataclass(frozen=True)
class Gap:
    """Cells without a whole one between them.

    :param first, last: numbers of the cells, both inside.
    """

    label: str
    first: int
    last: int
    word: str
    href: str


@dataclass(frozen=True)
class HeatMap:
    """A map. ``columns`` are the labels of its columns, ``ticks`` those that are written."""

    title: str
    about: str
    columns: Sequence[str]
    lines: Sequence[Line]
    ticks: Sequence[tuple[int, str]]

    def gaps(self) -> list[Gap]:
        """Runs of gaps, the longest first, each as one thing to fill."""
        found = [gap for line in self.lines if line.fill for gap in _runs(line)]
        return sorted(found, key=lambda gap: (gap.first - gap.last, gap.label))


def share(part: float, whole: float) -> str:
    """The word for a part: nothing and all are never rounded to."""
    if part <= 0:
        return LEVELS[0]
    if part >= whole:
        return LEVELS[-1]
    return LEVELS[1 + min(int(3 * part / whole), 2)]


def _runs(line: Line) -> Iterator[Gap]:
    if line.fill is None:
        return
    for is_gap, run in groupby(enumerate(line.cells), key=lambda item: item[1].is_gap):
        if is_gap:
            numbered = list(run)
            first, last = numbered[0][0], numbered[-1][0]
            words = {cell.word for _, cell in numbered}
            word = words.pop() if len(words) == 1 else "some"
            yield Gap(line.label, first, last, word, line.fill(first, last))
