"""Builds: what is rebuilt, what a failure leaves, what checks say, what is kept."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from regendata.exceptions import CheckFailed, EmptySource
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds, relations
from regendata.models.relation import Relation
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
FACADES = {"public.gifts", "public.chain_names", "public.named_gifts", "views.givers"}
MORE_GIFTS = [*GIFTS, (4, 1, "dan", 2.0)]
BEHIND = """
SELECT v.oid::regclass::text, d.refobjid FROM pg_rewrite AS r
INNER JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
  AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
INNER JOIN pg_class AS v ON v.oid = r.ev_class AND v.relkind = 'v'
WHERE v.relnamespace IN ('public'::regnamespace, 'views'::regnamespace)
"""


def behind(warehouse: Warehouse) -> dict[str, int]:
    """Which relation (by OID) each published view shows."""
    return dict(warehouse.rows(BEHIND))


@pytest.fixture
def published(warehouse: Warehouse, small: SmallProject) -> SmallProject:
    """The small project, landed and published once."""
    small.refresh(GIFTS, NAMES)
    return small


def test_the_first_publish_shows_every_model(warehouse: Warehouse, published: SmallProject) -> None:
    assert warehouse.relations("public") | warehouse.relations("views") == FACADES
    assert warehouse.rows("SELECT id, name FROM public.named_gifts ORDER BY id") == [
        (1, "Optimism"),
        (2, "Optimism"),
        (3, "Ethereum"),
    ]
    assert warehouse.rows("SELECT state, reason FROM meta.build") == [("published", None)]
    figures = warehouse.rows(
        "SELECT row_count, amount_usd FROM meta.build_relation WHERE relation = 'public.gifts'"
    )
    assert figures == [(3, 13.75)]


def test_indexes_key_and_comments_are_there(warehouse: Warehouse, published: SmallProject) -> None:
    indexes = warehouse.rows(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'build_1' AND tablename = 'gifts'"
    )
    assert sorted(definition.split(" USING ")[1] for (definition,) in indexes) == [
        "btree (chain_id)",
        "btree (id)",
    ]
    assert sum("UNIQUE" in definition for (definition,) in indexes) == 1
    assert warehouse.value("SELECT obj_description('build_1.gifts'::regclass)") == "Every gift."
    assert warehouse.value("SELECT col_description('build_1.gifts'::regclass, 1)") == "Number of the gift."


def test_nothing_changed_rebuilds_nothing(warehouse: Warehouse, published: SmallProject) -> None:
    before = behind(warehouse)
    opened = published.refresh(GIFTS, NAMES)
    assert opened.nothing_to_do
    assert behind(warehouse) == before
    assert len(before) == 4
    assert warehouse.schemas(r"build\_%") == {"build_1"}
    assert (
        warehouse.value("SELECT state FROM meta.build WHERE build_id = %s", [opened.build_id]) == "unchanged"
    )


def test_only_dependents_of_a_changed_fact_are_rebuilt(warehouse: Warehouse, published: SmallProject) -> None:
    before = behind(warehouse)
    published.refresh(names=[(1, "Mainnet"), (10, "Optimism")])
    after = behind(warehouse)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"public.chain_names", "public.named_gifts"} or changed == {
        "chain_names",
        "named_gifts",
    }
    assert warehouse.value("SELECT name FROM public.named_gifts WHERE id = 3") == "Mainnet"


def test_figures_of_what_is_carried_over_come_along(warehouse: Warehouse, published: SmallProject) -> None:
    for name in ("Mainnet", "Ethereum again"):
        published.refresh(names=[(1, name), (10, "Optimism")])
    rows = warehouse.rows(
        "SELECT row_count, amount_usd FROM meta.build_relation WHERE relation = 'public.gifts'"
    )
    assert rows == [(3, 13.75)] * 3


def test_a_changed_model_is_rebuilt(warehouse: Warehouse, published: SmallProject) -> None:
    published.edit("views.givers", "count(*) AS gifts", "count(*) AS gifts, sum(gift.amount) AS amount")
    published.refresh()
    assert warehouse.rows("SELECT * FROM views.givers ORDER BY giver") == [("ann", 2, 6.25), ("bob", 1, 7.5)]


def test_a_table_never_landed_is_named(small: SmallProject) -> None:
    small.land(GIFTS)
    with pytest.raises(EmptySource, match=r"reference\.names was never landed; .* small_static_data"):
        small.build()


def test_a_model_that_fails_half_way_publishes_nothing_and_leaves_nothing(
    warehouse: Warehouse, published: SmallProject
) -> None:
    before = behind(warehouse)
    # Fails on the last of many rows, after its parents were built.
    published.edit("public.named_gifts", "gift.amount,", "1 / (gift.id - 4) AS one, gift.amount,")
    published.land(MORE_GIFTS)
    with pytest.raises(psycopg.errors.DivisionByZero):
        published.build()
    assert "build_2" in warehouse.schemas(r"build\_%")
    assert behind(warehouse) == before
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 3
    published.tidy_up()
    assert warehouse.schemas(r"build\_%") == {"build_1"}
    assert warehouse.value("SELECT state FROM meta.build WHERE build_id = 2") == "failed"
    published.edit("public.named_gifts", "1 / (gift.id - 4) AS one, ", "")
    published.refresh()
    assert warehouse.value("SELECT count(*) FROM public.named_gifts") == 4
    assert warehouse.leftovers() == set()


def test_an_interrupted_build_is_given_up_by_the_next(warehouse: Warehouse, published: SmallProject) -> None:
    published.land(MORE_GIFTS)
    abandoned = published.build()
    published.refresh()
    states = warehouse.rows("SELECT state, reason FROM meta.build WHERE build_id = %s", [abandoned.build_id])
    assert states == [("failed", "interrupted")]
    assert warehouse.leftovers() == set()


def test_a_relation_tried_again_is_the_same(warehouse: Warehouse, published: SmallProject) -> None:
    published.land(MORE_GIFTS)
    project = published.load()
    model = project.models[Relation("public", "gifts")]
    with connect() as conn:
        opened = builds.open_build(conn, project, "tried again")
        first = relations.build_relation(conn, opened.build_id, model, published.settings)
        assert relations.build_relation(conn, opened.build_id, model, published.settings) == first
    assert warehouse.rows("SELECT id FROM build_2.gifts ORDER BY id") == [(1,), (2,), (3,), (4,)]


def test_an_unfinished_build_is_not_published(warehouse: Warehouse, published: SmallProject) -> None:
    published.land(MORE_GIFTS)
    with connect() as conn:
        opened = builds.open_build(conn, published.load(), "unfinished")
    with pytest.raises(
        CheckFailed, match=r"build 2: public\.gifts was not built; public\.named_gifts was not built"
    ):
        published.publish(opened.build_id)
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 3


CHECKS = {
    "null": (
        [*GIFTS, (4, 1, None, 2.0)],
        r"public\.gifts: not_null giver: 1 NULL, expected 0 NULL, such as .*'id': 4",
    ),
    "fall of rows": (
        [(1, 10, "ann", 20.0), (2, 10, "bob", 7.5)],
        r"public\.gifts: max_fall rows: 2\.00 after 3\.00 published: 33\.33 % less, expected at most 10 %",
    ),
    "fall of the total": (
        [(1, 10, "ann", 1.0), *GIFTS[1:]],
        r"public\.gifts: max_fall usd: 9\.75 after 13\.75 published: 29\.09 % less, expected at most 10 %",
    ),
    "duplicate key": ([*GIFTS, (3, 1, "eve", 1.0)], r"public\.gifts: key is not unique: Key \(id\)=\(3\)"),
}


@pytest.mark.parametrize("breach", CHECKS)
def test_a_breach_names_relation_check_figure_and_sample(
    breach: str, warehouse: Warehouse, published: SmallProject
) -> None:
    rows, message = CHECKS[breach]
    published.land(rows)
    with pytest.raises(CheckFailed, match=message):
        published.build()
    assert warehouse.rows("SELECT id FROM public.gifts ORDER BY id") == [(1,), (2,), (3,)]
    with pytest.raises(CheckFailed, match="build 2"):
        published.publish(2)


def test_an_empty_relation_breaks_min_rows(small: SmallProject) -> None:
    small.land([], NAMES)
    with pytest.raises(CheckFailed, match=r"public\.gifts: min_rows: 0, expected at least 1"):
        small.build()


def test_every_check_is_a_row_with_its_statement(warehouse: Warehouse, published: SmallProject) -> None:
    published.land([*GIFTS, (4, 1, None, 2.0)])
    with pytest.raises(CheckFailed):
        published.build()
    rows = warehouse.rows(
        "SELECT check_name, passed, figure, statement LIKE 'SELECT count(*)%%' FROM meta.check_result "
        "WHERE build_id = 2 AND relation = 'public.gifts' ORDER BY 1"
    )
    assert rows == [
        ("max_fall rows", True, "4.00 after 3.00 published: 33.33 % more", True),
        ("max_fall usd", True, "15.75 after 13.75 published: 14.55 % more", True),
        ("min_rows", True, "4", True),
        ("not_null giver", False, "1 NULL", True),
        ("not_null id", True, "0 NULL", True),
        ("unique id", True, "unique", True),
    ]
    sample = warehouse.value(
        "SELECT samples FROM meta.check_result WHERE check_name = 'not_null giver' AND build_id = 2"
    )
    assert sample == [{"id": 4, "giver": None}]


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_the_last_builds_are_kept(keep: int, warehouse: Warehouse, small: SmallProject) -> None:
    kept = small.keeping(keep)
    for number in range(5):
        kept.refresh([*GIFTS, *((10 + more, 1, "ann", 1.0) for more in range(number))], NAMES)
    held = {name for name in warehouse.relations(r"build\_%") if name.endswith(".gifts")}
    assert held == {f"build_{number}.gifts" for number in range(6 - keep, 6)}
    # The names never changed: the first build's relation is the one in use.
    assert {name for name in warehouse.relations(r"build\_%") if name.endswith("chain_names")} == {
        "build_1.chain_names"
    }
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 7


def test_what_somebody_builds_on_does_not_keep_the_rest_of_its_build(
    warehouse: Warehouse, small: SmallProject
) -> None:
    kept = small.keeping(1)
    kept.refresh(GIFTS, NAMES)
    with warehouse.connect() as conn:
        conn.execute("CREATE VIEW public.bookmark AS SELECT * FROM build_1.gifts")
    kept.refresh(MORE_GIFTS)
    old = {name for name in warehouse.relations(r"build\_1") if not name.endswith("chain_names")}
    assert old == {"build_1.gifts"}
    assert warehouse.value("SELECT count(*) FROM public.bookmark") == len(GIFTS)


def test_an_old_build_that_is_read_stays_until_the_next_time(
    warehouse: Warehouse, small: SmallProject
) -> None:
    kept = small.keeping(1)
    kept.refresh(GIFTS, NAMES)
    kept.refresh(MORE_GIFTS)
    more = [*MORE_GIFTS, (5, 1, "fay", 1.0)]
    kept = replace(kept, settings=replace(kept.settings, keep_builds=2))
    kept.refresh(more)
    with warehouse.connect() as reader, reader.transaction():
        reader.execute("SET LOCAL idle_in_transaction_session_timeout = '8s'")
        reader.execute("SELECT count(*) FROM build_2.gifts")
        kept.keeping(1).tidy_up()
        assert "build_2.gifts" in warehouse.relations(r"build\_%")
    kept.keeping(1).tidy_up()
    assert "build_2.gifts" not in warehouse.relations(r"build\_%")
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 5


def test_what_a_killed_workers_session_still_makes_is_gone_the_next_time(
    warehouse: Warehouse, published: SmallProject
) -> None:
    published.land(MORE_GIFTS)
    with connect() as conn:
        builds.open_build(conn, published.load(), "killed")
    with warehouse.connect() as orphan:
        orphan.execute("BEGIN")
        orphan.execute("CREATE TABLE build_2.gifts AS SELECT 1")
        published.refresh()
        orphan.execute("ROLLBACK")
    assert "build_2" in warehouse.schemas(r"build\_%")
    published.tidy_up()
    assert warehouse.leftovers() == set()
