"""Relations that are extended by new rows, carried over when they turn out the same, or built as a whole."""

from __future__ import annotations

import pytest

from regendata.exceptions import CheckFailed
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import diffs, rollback
from regendata.hooks.warehouse.rollback import Rollback
from regendata.publish.diff import Moved
from tests.support.digests import published_digest
from tests.support.small_project import GIFTS, NAMES, PATIENT, SYSTEM, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
CAME = [(4, 10, "dan", 2.0), (5, 1, "eve", 4.0)]
MERGES = "grows: {with: public.gifts, merge: {gifts: sum, first: min}, derived: {pairs: gifts / 2}}"
MERGED = "count(*) AS gifts, min(gift.id) AS first, count(*) / 2 AS pairs"
JUDGED = "\namount: gifts\nchecks: {min_rows: 1, not_null: [giver], totals: {by: [giver], max_fall_pct: 1}}"
RANKED = """/*
description: Givers by the number of their gifts.
kind: view
unique_key: [giver]
*/
SELECT giver.giver, row_number() OVER (ORDER BY giver.gifts DESC, giver.giver) AS rank
FROM views.givers AS giver
"""
EXTENDED = {
    "public.gifts": "extended",
    "public.named_gifts": "extended",
    "public.chain_names": "carried over",
    "views.givers": "rebuilt",
}


@pytest.fixture
def published(small: SmallProject) -> SmallProject:
    small.refresh(GIFTS, NAMES)
    return small


def ways(warehouse: Warehouse) -> dict[str, str]:
    """How each relation of the newest build was made."""
    newest = "SELECT max(build_id) FROM meta.build_relation"
    return dict(warehouse.rows(f"SELECT relation, way FROM meta.build_relation WHERE build_id = ({newest})"))


def why(warehouse: Warehouse, relation: str) -> str:
    query = "SELECT why FROM meta.build_relation WHERE relation = %s ORDER BY build_id DESC LIMIT 1"
    return str(warehouse.value(query, [relation]))


def assert_as_built_whole(warehouse: Warehouse, small: SmallProject) -> None:
    """What readers see is what a build as a whole gives; so are the figures that its checks wrote down."""
    figures = (
        "SELECT r.relation, r.row_count, r.amount_usd, t.group_key, t.row_count, t.amount, t.newest "
        "FROM meta.build_relation AS r LEFT JOIN meta.group_total AS t ON t.physical = r.physical "
        "WHERE r.build_id = %s ORDER BY 1, t.group_key::text"
    )
    newest = "SELECT max(build_id) FROM meta.build_relation"
    seen, written = published_digest(warehouse), warehouse.rows(figures, [warehouse.value(newest)])
    opened = small.refresh(whole=True)
    assert set(ways(warehouse).values()) == {"rebuilt"}
    assert published_digest(warehouse) == seen
    assert warehouse.rows(figures, [opened.build_id]) == written
    assert warehouse.leftovers() == set()


def test_new_rows_are_added_to_what_is_published(warehouse: Warehouse, published: SmallProject) -> None:
    for number in range(3):
        published.grow([(10 * number + row[0], *row[1:]) for row in CAME])
        published.refresh()
        assert ways(warehouse) == EXTENDED
        assert warehouse.leftovers() == set()
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 9
    assert warehouse.value("SELECT sum(gifts) FROM views.givers") == 9
    assert_as_built_whole(warehouse, published)


def test_figures_of_one_key_are_merged(warehouse: Warehouse, published: SmallProject) -> None:
    published.edit("views.givers", "unique_key: [giver]", "unique_key: [giver]\n" + MERGES + JUDGED)
    published.edit("views.givers", "count(*) AS gifts", MERGED)
    published.refresh()
    for number in (1, 2):
        published.grow([(10 * number, 10, "ann", 2.0), (10 * number + 1, 1, f"eve {number}", 4.0)])
        opened = published.build()
        assert ways(warehouse) == {**EXTENDED, "views.givers": "merged"}
        with connect() as conn:
            found = diffs.compare_build(conn, opened.build_id, published.load(), published.settings)
        givers = next(one for one in found if one.relation == "views.givers")
        assert givers.moved == Moved(added=1, changed=1, amount_usd=2.0)
        published.publish(opened.build_id)
        published.tidy_up()
    assert warehouse.rows("SELECT * FROM views.givers ORDER BY 1") == [
        ("ann", 4, 1, 2),
        ("bob", 1, 2, 0),
        ("eve 1", 1, 11, 0),
        ("eve 2", 1, 21, 0),
    ]
    judged = (
        "SELECT statement FROM meta.check_result WHERE check_name = 'totals giver' ORDER BY build_id DESC"
    )
    assert '"views__givers__added"' in warehouse.value(judged)
    assert_as_built_whole(warehouse, published)


def test_figures_without_a_key_are_added_up_as_a_whole(warehouse: Warehouse, published: SmallProject) -> None:
    """Nulls agree with nothing, so a row could not be found that they are to be merged with."""
    published.edit("views.givers", "unique_key: [giver]", "unique_key: [giver]\n" + MERGES)
    published.edit("views.givers", "count(*) AS gifts", MERGED)
    published.edit("public.gifts", "not_null: [id, giver], ", "")
    published.refresh()
    published.grow([(4, 10, None, 2.0)])
    published.refresh()
    assert ways(warehouse)["views.givers"] == "rebuilt"


def test_what_stores_nothing_shows_what_it_reads(warehouse: Warehouse, published: SmallProject) -> None:
    published.model("views.ranked_givers", RANKED)
    published.refresh()
    published.grow([(4, 10, "bob", 2.0), (5, 1, "bob", 4.0)])
    opened = published.build()
    assert ways(warehouse)["views.ranked_givers"] == "rebuilt"
    with connect() as conn:
        found = diffs.compare_build(conn, opened.build_id, published.load(), published.settings)
    assert "views.ranked_givers" not in {one.relation for one in found}
    published.publish(opened.build_id)
    assert warehouse.rows("SELECT * FROM views.ranked_givers ORDER BY rank LIMIT 2") == [
        ("bob", 1),
        ("ann", 2),
    ]
    published.tidy_up()
    assert_as_built_whole(warehouse, published)


def test_only_new_rows_are_judged_and_compared(warehouse: Warehouse, published: SmallProject) -> None:
    published.edit("public.gifts", "max_fall_pct: 10", "totals: {by: [chain_id], max_fall_pct: 1}")
    published.refresh()
    published.grow(CAME)
    opened = published.build()
    judged = "SELECT statement FROM meta.check_result WHERE build_id = %s AND check_name = 'totals chain_id'"
    assert '"gifts__added"' in warehouse.value(judged, [opened.build_id])
    with connect() as conn:
        found = diffs.compare_build(conn, opened.build_id, published.load(), published.settings)
    moved = {one.relation: one for one in found}
    assert moved["public.gifts"].moved == Moved(added=2, amount_usd=6.0)
    assert [(one.key, one.moved) for one in moved["public.gifts"].partitions] == [
        ({"chain_id": 1}, Moved(added=1, amount_usd=4.0)),
        ({"chain_id": 10}, Moved(added=1, amount_usd=2.0)),
    ]
    assert {sample["kind"] for sample in moved["public.gifts"].samples} == {"added"}
    assert moved["public.named_gifts"].moved == Moved(added=2, amount_usd=6.0)
    published.publish(opened.build_id)
    assert_as_built_whole(warehouse, published)


def test_a_new_row_that_breaks_a_rule_is_refused(warehouse: Warehouse, published: SmallProject) -> None:
    published.grow([(4, 10, None, 2.0)])
    with pytest.raises(CheckFailed, match=r"public\.gifts: not_null giver: 1 NULL, expected 0 NULL"):
        published.refresh()


@pytest.mark.slow
def test_rows_that_did_not_pass_are_judged_again(warehouse: Warehouse, published: SmallProject) -> None:
    published.edit("public.gifts", "checks: {", "checks: {severity: warn, range: {amount: {min: 6}}, ")
    published.refresh()
    published.grow([(4, 10, "dan", 7.0)])
    published.refresh()
    assert ways(warehouse)["public.gifts"] == "extended"
    figure = "SELECT figure FROM meta.check_result WHERE check_name = 'range amount' ORDER BY build_id DESC"
    assert warehouse.value(figure) == "2 rows"


def test_old_parts_stay_as_long_as_a_kept_build_shows_them(
    warehouse: Warehouse, published: SmallProject
) -> None:
    one = published.keeping(1)
    for number in range(3):
        one.grow([(10 + number, 10, "dan", 2.0)])
        one.refresh()
    made = warehouse.relations("build_%")
    assert {"build_1.gifts", "build_2.gifts__added", "build_4.gifts__added", "build_4.gifts"} <= made
    # The view of the build before is read by nobody any more.
    assert "build_3.gifts" not in made
    one.refresh(whole=True)
    assert not {name for name in warehouse.relations("build_%") if "__added" in name}


def test_an_extended_build_can_be_gone_back_to_and_grown_from(
    warehouse: Warehouse, published: SmallProject
) -> None:
    published.grow(CAME[:1])
    second = published.refresh()
    seen = published_digest(warehouse)
    published.grow(CAME[1:])
    published.refresh()
    with connect() as conn:
        asked = Rollback(SYSTEM, second.build_id, "ann", "look", asks_next=False, run_id="back")
        rollback.roll_back(conn, asked, PATIENT)
    assert published_digest(warehouse) == seen
    published.grow([(6, 10, "fay", 1.0)])
    published.refresh()
    assert ways(warehouse) == EXTENDED
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 6
    assert_as_built_whole(warehouse, published)


def test_a_new_row_that_goes_with_an_old_one_has_the_relation_built_as_a_whole(
    warehouse: Warehouse, published: SmallProject
) -> None:
    published.edit("public.named_gifts", "together: [id]", "together: [chain_id, giver]")
    published.refresh()
    assert why(warehouse, "public.named_gifts") == "the model changed"
    published.grow([(4, 10, "ann", 2.0)])
    published.refresh()
    assert ways(warehouse)["public.named_gifts"] == "rebuilt"
    assert why(warehouse, "public.named_gifts").endswith("but a new one has to do with an old one")
    published.grow([(5, 10, "zoe", 2.0)])
    published.refresh()
    assert ways(warehouse)["public.named_gifts"] == "extended"
    # Nothing is known to go with a row without a giver.
    published.edit("public.gifts", "not_null: [id, giver], ", "")
    published.refresh()
    published.grow([(6, 10, None, 2.0)])
    published.refresh()
    assert ways(warehouse)["public.gifts"] == "extended"
    assert ways(warehouse)["public.named_gifts"] == "rebuilt"


@pytest.mark.slow
def test_a_key_that_is_taken_stops_the_build_by_name(warehouse: Warehouse, published: SmallProject) -> None:
    seen = published_digest(warehouse)
    published.grow([(1, 10, "dan", 2.0)])
    with pytest.raises(CheckFailed, match=r"public.gifts: key is not unique: Key \(id\)=\(1\) is duplicated"):
        published.refresh()
    published.tidy_up()
    assert published_digest(warehouse) == seen
    assert warehouse.leftovers() == set()


def test_what_turns_out_the_same_stops_the_wave(warehouse: Warehouse, published: SmallProject) -> None:
    places = "SELECT relation, physical FROM meta.build_relation WHERE build_id = %s ORDER BY 1"
    before = warehouse.rows(places, [1])
    opened = published.refresh(list(reversed(GIFTS)))
    assert set(ways(warehouse).values()) == {"carried over"}
    assert warehouse.rows(places, [opened.build_id]) == before
    assert why(warehouse, "public.gifts").startswith("built, and found the same; rows of landing.gifts were")
    assert why(warehouse, "views.givers") == "all that it reads holds the same rows"
    assert warehouse.leftovers() == set()
    assert published.refresh().nothing_to_do
    # What is carried over so is a beginning for the next rows as well.
    published.grow(CAME)
    published.refresh()
    assert ways(warehouse) == EXTENDED
    assert_as_built_whole(warehouse, published)


@pytest.mark.slow
def test_a_model_that_changed_is_built_as_a_whole(warehouse: Warehouse, published: SmallProject) -> None:
    published.grow(CAME)
    published.edit("public.named_gifts", "gift.amount,", "gift.amount * 2 AS amount,")
    published.refresh()
    assert ways(warehouse) == {**EXTENDED, "public.named_gifts": "rebuilt"}
    assert why(warehouse, "public.named_gifts") == "the model changed"


@pytest.mark.slow
def test_without_increments_all_that_changed_is_built_as_a_whole(
    warehouse: Warehouse, published: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGENDATA_INCREMENTS", "0")
    published.grow(CAME)
    published.refresh()
    assert set(ways(warehouse).values()) == {"rebuilt", "carried over"}
    monkeypatch.setenv("REGENDATA_INCREMENTS", "1")
    for number, found in enumerate(["extended", "rebuilt", "extended"]):
        published.grow([(10 + number, 10, "dan", 2.0)])
        published.refresh()
        assert ways(warehouse)["public.gifts"] == found


def test_a_condition_reaches_the_index_of_every_part(warehouse: Warehouse, published: SmallProject) -> None:
    published.grow(CAME)
    published.refresh()
    with warehouse.connect() as conn:
        conn.execute("SET enable_seqscan = off")
        plan = conn.execute("EXPLAIN SELECT * FROM public.gifts WHERE id = 4").fetchall()
    assert len([line for (line,) in plan if "Index Cond: (id = 4)" in line]) == 2
