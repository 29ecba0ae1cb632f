"""What a diff counts is what a comparison row by row counts, whichever way it took."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import diffs
from regendata.publish import diff
from regendata.publish.diff import Moved, RelationDiff
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
MANY = [(number, number % 5, f"giver {number % 97}", number / 4) for number in range(3_000)]


@pytest.fixture
def published(warehouse: Warehouse, small: SmallProject) -> SmallProject:
    """The small project, published once, without limits on what may change."""
    small.edit("public.gifts", ", max_fall_pct: 10", "")
    small.refresh(GIFTS, NAMES)
    return small


def compared(project: SmallProject, **limits: Any) -> dict[str, RelationDiff]:
    """Build, compare, publish."""
    opened = project.build()
    with connect() as conn:
        found = diffs.compare_build(
            conn, opened.build_id, project.load(), replace(project.settings, **limits)
        )
    project.publish(opened.build_id)
    return {one.relation: one for one in found}


def land_many(project: SmallProject, monkeypatch: pytest.MonkeyPatch, key: str = "") -> None:
    """Publish enough rows for digests.

    :param key: line of the header with the unique key; without it there is none.
    """
    monkeypatch.setattr(diff, "SMALL", 100)
    project.edit("public.gifts", "unique_key: [id]\n", key)
    project.land(MANY)
    compared(project)


def test_rows_by_key_columns_and_partitions(published: SmallProject) -> None:
    published.land([(1, 10, "ann", 6.0), (3, 1, None, 1.25), (4, 1, "dan", 2.0)])
    published.edit("public.gifts", "not_null: [id, giver]", "not_null: [id]")
    found = compared(published)["public.gifts"]
    assert found.moved == Moved(1, 1, 2, -4.5)
    assert list(found.columns) == [("amount", 1), ("giver", 1)]
    assert [(one.key, one.moved) for one in found.partitions] == [
        ({"chain_id": 10}, Moved(0, 1, 1, -6.5)),
        ({"chain_id": 1}, Moved(1, 0, 1, 2.0)),
    ]
    assert {
        "kind": "changed",
        "before": {"giver": "ann"},
        "after": {"giver": None},
    } in found.samples


def test_without_a_key_rows_come_and_go(published: SmallProject) -> None:
    published.land([GIFTS[0], GIFTS[1], GIFTS[1], (3, 1, "ann", 9.0)])
    published.edit("public.gifts", "unique_key: [id]\n", "")
    found = compared(published)
    assert found["public.gifts"].moved == Moved(2, 1, 0, 15.25)
    assert {sample["kind"] for sample in found["public.gifts"].samples} == {"added", "removed"}
    assert found["public.named_gifts"].moved == Moved(2, 1, 0, 15.25)


def test_new_renamed_retyped_and_dropped_columns_are_named(published: SmallProject) -> None:
    published.edit(
        "views.givers",
        "SELECT gift.giver, count(*) AS gifts",
        "SELECT gift.giver, count(*) AS number, min(gift.id) AS first",
    )
    found = compared(published)["views.givers"]
    assert found.shape.as_json() == {"renamed": ["gifts to number"], "added": ["first"]}
    assert found.moved == Moved()


def test_noise_of_sums_is_no_change(published: SmallProject) -> None:
    published.edit("views.givers", "count(*) AS gifts", "sum(0.1::float8 * gift.id) AS share")
    compared(published)
    published.edit("views.givers", "sum(0.1::float8 * gift.id)", "sum(0.1::float8 * gift.id) + 1e-13")
    assert compared(published)["views.givers"].moved == Moved()
    published.edit("views.givers", "1e-13", "1e-3")
    assert compared(published)["views.givers"].moved == Moved(changed=2)


def test_what_is_carried_over_is_not_compared(published: SmallProject) -> None:
    published.land(names=[(1, "Mainnet"), (10, "Optimism")])
    found = compared(published)
    assert set(found) == {"public.chain_names", "public.named_gifts"}
    assert found["public.chain_names"].moved == Moved(changed=1)


def test_what_was_never_published_is_new(warehouse: Warehouse, published: SmallProject) -> None:
    published.model("views.more", "/*\ndescription: New.\n*/\nSELECT gift.id FROM public.gifts AS gift\n")
    found = compared(published)["views.more"]
    assert (found.moved, found.reason) == (Moved(added=3), "never published before")


NEWS: dict[str, list[tuple[Any, ...]]] = {
    "appended": [*MANY, (9_000, 3, "new", 1.0)],
    "removed and changed": [*MANY[:100], *((*row[:3], row[3] + 1) for row in MANY[100:130]), *MANY[140:]],
    "all changed": [(*row[:2], row[2].upper(), row[3]) for row in MANY],
    "same": [*MANY[1:], MANY[0]],
}


@pytest.mark.parametrize("news", NEWS)
@pytest.mark.parametrize("key", ["unique_key: [id]\n", ""])
def test_by_digests_the_same_as_row_by_row(
    key: str, news: str, published: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.edit("public.gifts", "unique_key: [id]\n", key)
    published.land(MANY)
    compared(published)
    published.land(NEWS[news])
    before, after = ({row[0]: row for row in rows} for rows in (MANY, NEWS[news]))
    added, removed = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    changed = sum(before[one] != after[one] for one in before.keys() & after.keys())
    expected = (added, removed, changed) if key else (added + changed, removed + changed, 0)
    opened = published.build()
    monkeypatch.setattr(diff, "SMALL", 10_000)
    with connect() as conn:
        whole = diffs.compare_build(conn, opened.build_id, published.load(), published.settings)
        monkeypatch.setattr(diff, "SMALL", 100)
        by_digest = diffs.compare_build(conn, opened.build_id, published.load(), published.settings)
        known = diffs.compare_build(conn, opened.build_id, published.load(), published.settings)
    for found in (whole, by_digest, known):
        gifts = next((one for one in found if one.relation == "public.gifts"), None)
        if news == "same":
            assert gifts is None
            continue
        assert gifts is not None
        assert gifts.moved is not None
        assert (gifts.moved.added, gifts.moved.removed, gifts.moved.changed) == expected
        assert bool(gifts.samples) == any(expected)


@pytest.mark.parametrize("key", ["unique_key: [id]\n", ""])
def test_beyond_the_limit_what_changed_is_estimated_from_some_of_the_rows(
    key: str, warehouse: Warehouse, published: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_many(published, monkeypatch, key)
    published.land(NEWS["all changed"])
    found = compared(published, diff_rows=600)["public.gifts"]
    assert found.moved is not None
    assert 0 < found.share < 0.2
    expected = (0, 0, 3_000) if key else (3_000, 3_000, 0)
    # Each chain is rounded by itself.
    assert (found.moved.added, found.moved.removed, found.moved.changed) == pytest.approx(expected, abs=5)
    assert found.samples
    assert warehouse.value("SELECT min(compared_share) FROM meta.relation_diff") == found.share


def test_rows_without_a_key_are_told_apart_by_the_column_with_most_values(
    warehouse: Warehouse, published: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_many(published, monkeypatch)
    kept = "SELECT shape::json ->> 'by' FROM meta.relation_digest WHERE physical LIKE %s ORDER BY physical"
    assert warehouse.rows(kept, ["%.gifts"]) == [('["amount"]',)]
    warehouse.do(
        'UPDATE meta.relation_digest SET shape = replace(shape, \'"by": ["amount"]\', \'"by": ["giver"]\')'
    )
    published.land(MANY[5:])
    assert compared(published)["public.gifts"].moved == Moved(0, 5, 0, -sum(row[3] for row in MANY[:5]))
    assert warehouse.rows(kept, ["build_3.gifts"]) == [('["giver"]',)]


def test_a_column_of_few_values_puts_no_rows_in_buckets(
    warehouse: Warehouse, published: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [(number % 9, number % 5, f"giver {number % 7}", number % 4) for number in range(3_000)]
    monkeypatch.setattr(diff, "SMALL", 100)
    published.edit("public.gifts", "unique_key: [id]\n", "")
    for rows in (few, few[5:]):
        published.land(rows)
        found = compared(published)["public.gifts"]
    assert found.moved == Moved(0, 5, 0, -6.0)
    kept = "SELECT DISTINCT shape::json ->> 'by' FROM meta.relation_digest WHERE physical LIKE %s"
    assert warehouse.rows(kept, ["%.gifts"]) == [("[]",)]


@pytest.mark.parametrize("kept", ["[]", '[[["id", "integer"]], ["id"], 64]', '{"by": ["gone"]}'])
def test_a_digest_of_another_kind_is_not_believed(
    kept: str, warehouse: Warehouse, published: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_many(published, monkeypatch)
    warehouse.do(f"UPDATE meta.relation_digest SET shape = '{kept}'")
    published.land(MANY[5:])
    assert compared(published)["public.gifts"].moved == Moved(0, 5, 0, -sum(row[3] for row in MANY[:5]))


def test_the_digest_of_the_old_rows_is_kept_and_believed(
    warehouse: Warehouse, published: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diff, "SMALL", 100)
    published.land(MANY)
    compared(published)
    published.land(MANY[1:])
    opened = published.build()
    with connect() as conn:
        first, *_ = diffs.compare_build(conn, opened.build_id, published.load(), published.settings)
        warehouse.do(
            "UPDATE meta.relation_digest AS old SET row_counts = new.row_counts, row_hashes = new.row_hashes "
            "FROM meta.relation_digest AS new "
            "WHERE old.physical = 'build_2.gifts' AND new.physical = 'build_3.gifts'"
        )
        again, *_ = diffs.compare_build(conn, opened.build_id, published.load(), published.settings)
    assert first.moved is not None
    assert (first.moved.removed, again.moved) == (1, Moved())


@pytest.mark.parametrize("key", ["unique_key: [id]\n", ""])
def test_the_digest_of_rows_that_grew_is_that_of_all_of_them(
    key: str, warehouse: Warehouse, published: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    land_many(published, monkeypatch, key)
    published.grow([(9_000, 3, "new", 1.0), (9_001, 3, "new", 2.0)])
    grown = compared(published)["public.gifts"]
    opened = published.build(whole=True)
    with connect() as conn:
        made_anew = diffs.compare_build(conn, opened.build_id, published.load(), published.settings)
    kept = "SELECT row_counts, row_hashes FROM meta.relation_digest WHERE physical = %s"
    added_up, read = (warehouse.rows(kept, [f"build_{build}.gifts"]) for build in (3, opened.build_id))
    assert grown.moved == Moved(2, 0, 0, 3.0)
    assert {one.moved for one in made_anew} == {Moved()}
    assert added_up == read != []


def test_a_digest_goes_with_its_relation(
    warehouse: Warehouse, published: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diff, "SMALL", 100)
    for rows in (MANY, MANY[1:]):
        # Every reader changes with it, so that none needs the old rows any more.
        published.land(rows, [(chain, "a chain") for chain in sorted({row[1] for row in MANY})])
        compared(published)
    published.keeping(1).tidy_up()
    kept = warehouse.rows("SELECT physical FROM meta.relation_digest WHERE physical LIKE '%%.gifts'")
    assert kept == [("build_3.gifts",)]


def test_a_comparison_that_takes_too_long_stops_no_build(
    warehouse: Warehouse, published: SmallProject
) -> None:
    published.model(
        "views.givers",
        "/*\ndescription: Slow.\nunique_key: [id]\namount: amount_of_a_slow_look\n*/\n"
        "SELECT gift.id, gift.amount AS amount_of_a_slow_look FROM public.gifts AS gift\n",
    )
    compared(published)
    warehouse.do(
        "CREATE FUNCTION public.slow(real) RETURNS real LANGUAGE sql AS 'SELECT $1 FROM pg_sleep(0.4)'"
    )
    published.edit(
        "views.givers", "amount: amount_of_a_slow_look", "amount: public.slow(amount_of_a_slow_look)"
    )
    published.land(GIFTS[:2])
    opened = published.build()
    with connect() as conn:
        settings = replace(published.settings, diff_limit_s=1)
        found = diffs.compare_build(conn, opened.build_id, published.load(), settings)
    slow = next(one for one in found if one.relation == "views.givers")
    assert (slow.moved, slow.reason) == (None, "not compared: it would have taken more than 1 s")
    assert warehouse.value(
        "SELECT reason FROM meta.relation_diff WHERE relation = 'views.givers' AND build_id = %s",
        [opened.build_id],
    ).startswith("not compared")
    published.publish(opened.build_id)
