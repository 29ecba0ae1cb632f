"""Rows with the same text, found by their marks, beside a dictionary of the rows of each text."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regendata.sources.project_groups import alike

TEXTS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.text("aé\0", max_size=20), st.sampled_from(["x" * 40, "y" * 40])),
        st.sampled_from([None, "", "indexer", "cGrants"]),
    ),
    max_size=30,
)
#: Of equal length, and different only between the words that make a mark.
UNTOLD = [f"{'w' * 50}{letter}{'w' * 50}" for letter in "abcab"]


def by_dictionary(rows: Sequence[tuple[str | None, ...]]) -> set[frozenset[int]]:
    found: dict[tuple[str | None, ...], set[int]] = {}
    for number, row in enumerate(rows):
        if None not in row:
            found.setdefault(row, set()).add(number)
    return {frozenset(numbers) for numbers in found.values() if len(numbers) > 1}


def by_marks(columns: Sequence[pa.Array]) -> set[frozenset[int]]:
    found = alike.runs(columns)
    ends = [*found.starts.tolist(), len(found.rows)][1:]
    runs = [found.rows[begin:end].tolist() for begin, end in zip(found.starts.tolist(), ends, strict=True)]
    assert found.firsts.tolist() == [min(run) for run in runs]
    assert found.lengths.tolist() == [len(run) for run in runs]
    return {frozenset(run) for run in runs}


@given(TEXTS, st.integers(0, 3))
@settings(max_examples=50, deadline=None)
def test_the_same_rows_as_by_dictionary(rows: list[tuple[str | None, str | None]], skipped: int) -> None:
    columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)] or [
        pa.array([], pa.string())
    ]
    assert by_marks([column.slice(skipped) for column in columns]) == by_dictionary(rows[skipped:])


def test_texts_that_marks_do_not_tell_apart_are_compared_themselves() -> None:
    marks = alike._marks([pa.array(UNTOLD)])
    assert len(set(marks.tolist())) == 1
    assert by_marks([pa.array([*UNTOLD, None, "alone"])]) == {frozenset({0, 3}), frozenset({1, 4})}


@pytest.mark.parametrize("letter", ["a", "é"])
def test_texts_of_every_length_differ_in_each_letter(letter: str) -> None:
    texts = [letter * length for length in range(40)]
    texts += [f"{letter * place}z{letter * (30 - place)}" for place in range(31)]
    assert by_marks([pa.array([*texts, texts[5], ""])]) == {
        frozenset({5, len(texts)}),
        frozenset({0, len(texts) + 1}),
    }


def test_more_rows_than_are_marked_at_a_time() -> None:
    count = 2 * alike._AT_A_TIME + 10
    texts = [str(number) for number in range(count)]
    # Short texts have the same mark whether or not there is a long one beside them.
    texts[-2:] = [texts[3], "a text of many words"]
    assert by_marks([pa.array(texts)]) == {frozenset({3, count - 2})}


def test_a_column_in_one_piece_is_not_copied() -> None:
    whole, pieces = pa.table({"a": ["x", "y"]}), pa.chunked_array([["x"], ["y"]])
    assert alike.column(whole, "a").buffers()[2].address == whole["a"].chunk(0).buffers()[2].address
    assert alike.column(pa.table({"a": pieces}), "a").to_pylist() == ["x", "y"]
