"""The pure half of a diff: shapes, digests, sums."""

from __future__ import annotations

import pytest

from regendata.models.relation import Relation
from regendata.publish.diff import (
    KEPT_SAMPLES,
    MOST_BUCKETS,
    Digest,
    Moved,
    Partition,
    Shape,
    buckets_for,
    compare_shapes,
    scope_of,
    summed,
)
from regendata.publish.diff_statements import comparison

ID, NAME, AMOUNT = ("id", "integer"), ("name", "text"), ("amount", "real")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([ID, NAME], [ID, NAME], {}),
        ([ID, NAME], [NAME, ID], {}),
        ([ID], [ID, NAME], {"added": ["name"]}),
        ([ID, NAME], [ID], {"dropped": ["name"]}),
        ([ID, NAME], [ID, ("title", "text")], {"renamed": ["name to title"]}),
        ([ID, NAME], [ID, ("title", "integer")], {"added": ["title"], "dropped": ["name"]}),
        ([ID, NAME, AMOUNT], [ID, AMOUNT, ("title", "text")], {"added": ["title"], "dropped": ["name"]}),
        (
            [ID, AMOUNT],
            [ID, ("amount", "double precision")],
            {"retyped": ["amount from real to double precision"]},
        ),
    ],
)
def test_changes_of_columns_are_named(
    old: list[tuple[str, str]], new: list[tuple[str, str]], expected: dict[str, list[str]]
) -> None:
    assert compare_shapes(old, new).as_json() == expected


def test_a_renamed_column_is_compared_and_a_retyped_one_is_not() -> None:
    shape = compare_shapes([ID, NAME, AMOUNT], [ID, ("title", "text"), ("amount", "numeric")])
    assert shape.shared == (("id", "id"), ("name", "title"))


@pytest.mark.parametrize(
    ("unique_key", "amount", "expected"),
    [
        (["id"], "amount * 2", (("id",), "amount * 2")),
        (["id", "title"], "coalesce(title, '0')::real", ((), None)),
    ],
)
def test_a_key_or_amount_that_the_old_build_lacks_is_left_out(
    unique_key: list[str], amount: str, expected: tuple[tuple[str, ...], str | None]
) -> None:
    columns = [ID, ("title", "text"), AMOUNT]
    shape = compare_shapes([ID, NAME, AMOUNT], columns)
    pair = comparison(Relation("b_1", "x"), Relation("b_2", "x"), shape, columns, unique_key, amount, {})
    assert (pair.key, pair.amount) == expected


@pytest.mark.parametrize(("rows", "buckets"), [(0, 2), (64, 2), (20_000, 512), (20_000_000, MOST_BUCKETS)])
def test_buckets_are_a_power_of_two_that_grows_with_the_rows(rows: int, buckets: int) -> None:
    assert buckets_for(rows) == buckets


def digest(*rows: tuple[int, int, int]) -> Digest:
    return Digest.of(8, rows)


def test_only_buckets_that_differ_are_looked_at() -> None:
    old = digest((0, 3, 11), (1, 2, 5), (4, 1, 9))
    new = digest((0, 3, 11), (1, 2, 6), (5, 1, 9), (4, 1, 9))
    scope = scope_of(old, new)
    assert scope.wanted == [1, 5]
    assert set(scope.sampled or []) == {1, 5}


def test_equal_digests_leave_nothing_to_look_at() -> None:
    found = digest((2, 7, -3))
    kept = Digest.from_bytes(found.rows.tobytes(), found.hashes.tobytes())
    assert scope_of(kept, found).is_empty


def test_when_most_buckets_differ_every_row_is_joined() -> None:
    scope = scope_of(digest(), digest(*((bucket, 1, 1) for bucket in range(8))))
    assert scope.wanted is None
    assert scope.sampled == list(range(KEPT_SAMPLES))


def test_where_too_many_rows_differ_some_buckets_stand_for_all() -> None:
    old = digest(*((bucket, 10, 1) for bucket in range(8)))
    new = digest(*((bucket, 10, bucket) for bucket in range(8)))
    assert scope_of(old, new).share == 1
    scope = scope_of(old, new, most_rows=60)
    assert scope.wanted == [0, 4, 7]
    assert set(scope.sampled or []) <= {0, 4, 7}
    assert scope.share == pytest.approx(3 / 7)


def test_one_bucket_is_looked_at_however_few_rows_may_be() -> None:
    scope = scope_of(digest((3, 500, 1)), digest((3, 500, 2)), most_rows=10)
    assert (scope.wanted, scope.share) == ([3], 1)


def test_what_moved_in_some_buckets_is_scaled_to_all() -> None:
    seen = [
        Partition({"chain_id": 1}, Moved(2, 0, 30, -5.0), {"name": 30}),
        Partition({"chain_id": 10}, Moved(0, 1, 0), {"name": 0}),
    ]
    found = summed("public.x", Shape(), seen, share=0.1)
    assert (found.share, found.moved, found.columns) == (0.1, Moved(20, 10, 300, -50.0), [("name", 300)])
    assert [one.moved.rows for one in found.partitions] == [320, 10]


def test_partitions_add_up_and_the_largest_come_first() -> None:
    small = Partition({"chain_id": 1}, Moved(1, 0, 2, -5.0), {"name": 2, "amount": 1})
    large = Partition({"chain_id": 10}, Moved(0, 4, 0, -900.5), {"name": 0, "amount": 0})
    same = Partition({"chain_id": 42}, Moved(), {})
    found = summed("public.x", Shape(), [small, large, same])
    assert found.moved == Moved(1, 4, 2, -905.5)
    assert list(found.columns) == [("name", 2), ("amount", 1)]
    assert [one.key["chain_id"] for one in found.partitions] == [10, 1]


def test_few_samples_of_each_kind_with_the_columns_that_changed() -> None:
    changed = {"kind": "changed", "before": {"id": 1, "name": "a"}, "after": {"id": 1, "name": "b"}}
    added = [{"kind": "added", "before": None, "after": {"id": number}} for number in range(9)]
    found = summed("public.x", Shape(), [Partition({}, Moved(9, 0, 1), {"name": 1}, [*added, changed])])
    assert [sample["kind"] for sample in found.samples] == ["added"] * KEPT_SAMPLES + ["changed"]
    assert found.samples[-1] == {"kind": "changed", "before": {"name": "a"}, "after": {"name": "b"}}
