"""Rows that hold the same text as another row, found without a dictionary of all texts.

Most texts occur once, and putting each of them into a hash table is what takes long: every one is a walk to
memory that no cache holds. So each text gets a mark of 64 bits, made of words read in order; marks are sorted
together with their row; and only where two are equal, the texts themselves are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.int64]
_Marks = npt.NDArray[np.uint64]

#: In place of a number that is unknown or must not match.
NOTHING = -1
_WORD = 8
#: Steps from the first to the last of the words that go into a mark.
_STEPS = 3
#: Texts marked at a time: their words stay in the cache.
_AT_A_TIME = 1 << 14
#: Odd, with bits evenly spread: 2**64 over the golden ratio.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@dataclass(frozen=True)
class Runs:
    """Values that at least two rows hold, each a run of rows.

    :param rows: row numbers, run after run.
    :param starts: where each run begins in ``rows``.
    """

    rows: Numbers
    starts: Numbers

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def lengths(self) -> Numbers:
        """Rows per run."""
        return np.diff(self.starts, append=len(self.rows))

    @property
    def firsts(self) -> Numbers:
        """The first row of each run."""
        return np.minimum.reduceat(self.rows, self.starts) if len(self) else self.rows

    def spread(self, values: Numbers) -> Numbers:
        """A value per run, repeated for each of its rows."""
        return np.repeat(values, self.lengths)


def column(rows: pa.Table, name: str) -> pa.Array:
    """A column in one piece; it is copied only when it is in several."""
    pieces = rows[name]
    return pieces.chunk(0) if pieces.num_chunks == 1 else pieces.combine_chunks()


def runs(columns: Sequence[pa.Array]) -> Runs:
    """Rows that agree in all columns; a row with a NULL agrees with none.

    :param columns: texts, as many in each.
    """
    known = _known(columns)
    marks = _marks(columns)
    found = _equal_marks(known, marks if len(known) == len(marks) else marks[known])
    return found if _is_true(found, columns) else _by_dictionary(found.rows, columns)


def _known(columns: Sequence[pa.Array]) -> Numbers:
    """Rows without NULL."""
    known = np.ones(len(columns[0]), dtype=bool)
    for column in columns:
        if column.null_count:
            known &= column.is_valid().to_numpy(zero_copy_only=False)
    return np.flatnonzero(known)


def _equal_marks(rows: Numbers, marks: _Marks) -> Runs:
    """Mark and place are sorted as one number, which takes a third of the time of sorting places by mark."""
    bits = np.uint64(max(len(rows) - 1, 0).bit_length())
    low = (np.uint64(1) << bits) - np.uint64(1)
    both = np.sort((marks & ~low) | np.arange(len(rows), dtype=np.uint64))
    return runs_of_sorted(both >> bits, rows[(both & low).astype(np.int64)])


def runs_of_sorted(values: npt.NDArray[np.integer], rows: Numbers) -> Runs:
    """Runs of sorted values, one for each of ``rows``."""
    same = values[1:] == values[:-1]
    before, behind = np.append(False, same), np.append(same, False)
    kept = np.flatnonzero(before | behind)
    return Runs(rows[kept], np.flatnonzero(~before[kept]))


def _is_true(found: Runs, columns: Sequence[pa.Array]) -> bool:
    """Whether the rows of each run hold the same texts, each compared with the one before it."""
    inner = np.ones(len(found.rows), dtype=bool)
    inner[found.starts] = False
    places = np.flatnonzero(inner)
    left, right = pa.array(found.rows[places - 1]), pa.array(found.rows[places])
    return all(_all_equal(column.take(left), column.take(right)) for column in columns)


def _all_equal(left: pa.Array, right: pa.Array) -> bool:
    return bool(pc.all(pc.equal(left, right), min_count=0).as_py())


def _by_dictionary(rows: Numbers, columns: Sequence[pa.Array]) -> Runs:
    """Runs among rows whose marks do not tell different texts apart."""
    numbers = np.zeros(len(rows), dtype=np.int64)
    for column in columns:
        encoded = column.take(pa.array(rows)).dictionary_encode()
        numbers = numbers * len(encoded.dictionary) + encoded.indices.to_numpy()
        numbers = np.unique(numbers, return_inverse=True)[1]
    order = np.argsort(numbers)
    return runs_of_sorted(numbers[order], rows[order])


def _marks(columns: Sequence[pa.Array]) -> _Marks:
    """A number per row, the same for the same texts; what it is for a NULL means nothing."""
    marks = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        bounds, content = _buffers(column)
        words = _STEPS + 1 if np.diff(bounds).max(initial=0) > _WORD else 1
        for begin in range(0, len(marks), _AT_A_TIME):
            _mark(marks[begin : begin + _AT_A_TIME], bounds[begin : begin + _AT_A_TIME + 1], content, words)
    return marks


def _buffers(texts: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Where each text begins, and where the last one ends; and the bytes of all."""
    _, bounds, content = texts.buffers()
    begins = np.frombuffer(bounds or b"", dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return begins, np.frombuffer(content or b"", dtype=np.uint8)


def _mark(marks: _Marks, bounds: npt.NDArray[np.int32], content: npt.NDArray[np.uint8], count: int) -> None:
    """Mix length and ``count`` words of each text into its mark, in place."""
    words = _words(content[bounds[0] : bounds[-1]])
    begins = (bounds[:-1] - bounds[0]).astype(np.int64)
    lengths = np.diff(bounds).astype(np.int64)
    room = np.maximum(lengths - _WORD, 0)
    # A word that reaches beyond its text loses what is behind it.
    beyond = (np.maximum(_WORD - lengths, 0) << 3).astype(np.uint64)
    marks += lengths.astype(np.uint64)
    for step in range(count):
        marks += words[begins + room * step // _STEPS] << beyond
        marks *= _SPREAD
    marks ^= marks >> _HALF
    marks *= _SPREAD


def _words(content: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint64]:
    """The eight bytes from each byte on, as one number."""
    padded = np.append(content, np.zeros(_WORD, dtype=np.uint8))
    words: _Marks = np.ndarray((len(content) + 1,), dtype="<u8", buffer=padded.data, strides=(1,))
    return words
