"""Landing: cuts load beside what is in use, and are switched in behind facades that readers keep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from regendata.exceptions import ContentRefused, EmptySource, FacadeConflict
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import cuts
from regendata.models.relation import Relation
from sandbox.bootstrap import ANALYST, ANALYSTS, OWNER
from sandbox.layout import Sandbox
from tests.support.small_project import GIFTS, NAMES, PATIENT, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
SHOWN = "SELECT id, chain_id, giver, amount FROM landing.gifts ORDER BY id"


def test_a_first_cut_makes_facade_record_and_frozen_table(warehouse: Warehouse, small: SmallProject) -> None:
    small.land(GIFTS)
    assert warehouse.rows(SHOWN) == GIFTS
    landed = warehouse.rows("SELECT relation, physical, row_count, cut_id FROM meta.landed_table")
    assert landed == [("landing.gifts", "land_1.gifts", 3, 1)]
    assert warehouse.rows("SELECT state FROM meta.cut") == [("current",)]
    # Rows that were frozen on loading never have to be read again by vacuum.
    assert warehouse.value("SELECT relallvisible > 0 FROM pg_class WHERE oid = 'land_1.gifts'::regclass")


def test_equal_content_is_not_loaded_again(warehouse: Warehouse, small: SmallProject) -> None:
    small.land(GIFTS)
    place = warehouse.oid("land_1.gifts")
    done = small.land_table("gifts", "landing.gifts", GIFTS)
    assert done == {"landed": {}, "unchanged": ["landing.gifts"]}
    assert warehouse.rows("SELECT state FROM meta.cut ORDER BY cut_id") == [("current",), ("unchanged",)]
    assert warehouse.oid("land_1.gifts") == place


def test_an_unchanged_cut_leaves_no_schema(warehouse: Warehouse, small: SmallProject) -> None:
    for _ in range(3):
        small.land(GIFTS)
    assert warehouse.schemas(r"land\_%") == {"land_1"}


def test_a_killed_cut_is_gone_after_the_next(warehouse: Warehouse, small: SmallProject) -> None:
    small.land(GIFTS)
    spec = small.load().tables[Relation("landing", "gifts")]
    with connect() as conn:
        dead = cuts.open_cut(conn, "gifts", None, "killed", loads=True)
        cuts.load(conn, dead, spec, [b"9,1,eve,1\n"], cuts.CSV, "never switched in")
    assert warehouse.rows(SHOWN) == GIFTS
    small.land([*GIFTS, (4, 1, "dan", 2.0)])
    assert warehouse.value("SELECT state FROM meta.cut WHERE cut_id = %s", [dead]) == "failed"
    assert warehouse.leftovers() == set()
    assert warehouse.value("SELECT count(*) FROM landing.gifts") == 4


def test_a_cut_of_one_source_leaves_the_open_cut_of_another_alone(
    warehouse: Warehouse, small: SmallProject
) -> None:
    small.land(GIFTS)
    spec = small.load().tables[Relation("reference", "names")]
    with connect() as conn:
        other = cuts.open_cut(conn, "names", None, "beside", loads=True)
        loaded = cuts.load(conn, other, spec, [b"1,Ethereum\n"], cuts.CSV, "names")
        small.land(GIFTS[:2])
        cuts.close_cut(conn, other, "names", [loaded], None, PATIENT)
    assert warehouse.rows("SELECT * FROM reference.names") == [(1, "Ethereum")]
    assert warehouse.leftovers() == set()


def test_a_copy_that_breaks_off_leaves_the_old_rows(warehouse: Warehouse, small: SmallProject) -> None:
    small.land(GIFTS)
    with pytest.raises(ContentRefused, match=r"landing\.gifts: .*line 4, column id: \"not a number\""):
        small.land([*GIFTS, ("not a number", 1, "eve", 1.0)])
    assert warehouse.rows(SHOWN) == GIFTS
    small.land(GIFTS[:1])
    assert warehouse.rows(SHOWN) == GIFTS[:1]
    assert warehouse.leftovers() == set()


def test_a_source_that_came_back_empty_is_refused(warehouse: Warehouse, small: SmallProject) -> None:
    small.land(GIFTS)
    with pytest.raises(EmptySource, match=r"landing\.gifts came back empty after 3 rows"):
        small.land([])
    assert warehouse.rows(SHOWN) == GIFTS


def test_a_table_may_start_empty(warehouse: Warehouse, small: SmallProject) -> None:
    small.land([])
    assert warehouse.rows(SHOWN) == []
    assert warehouse.value("SELECT row_count FROM meta.landed_table") == 0


def test_superseded_tables_are_dropped(warehouse: Warehouse, small: SmallProject) -> None:
    for count in (1, 2, 3):
        small.land(GIFTS[:count])
    assert warehouse.relations(r"land\_%") == {"land_3.gifts"}
    assert warehouse.schemas(r"land\_%") == {"land_3"}
    states = warehouse.rows("SELECT state FROM meta.cut ORDER BY cut_id")
    assert states == [("superseded",), ("superseded",), ("current",)]


def test_a_leftover_that_is_read_stays_until_the_next_time(warehouse: Warehouse, small: SmallProject) -> None:
    small.land(GIFTS)
    spec = small.load().tables[Relation("landing", "gifts")]
    with connect() as conn:
        dead = cuts.open_cut(conn, "gifts", None, "killed", loads=True)
        cuts.load(conn, dead, spec, [b"9,1,eve,1\n"], cuts.CSV, "never switched in")
    with warehouse.connect() as reader:
        with reader.transaction():
            # A landing that waits for this reader ends him, and the test, instead of hanging.
            reader.execute("SET LOCAL idle_in_transaction_session_timeout = '8s'")
            reader.execute(f"SELECT count(*) FROM land_{dead}.gifts")
            small.land(GIFTS[:2])
            assert f"land_{dead}.gifts" in warehouse.relations(r"land\_%")
        small.land(GIFTS[:1])
    assert warehouse.leftovers() == set()


def test_facade_grants_and_views_survive_ten_landings(
    warehouse: Warehouse, small: SmallProject, dependents: str
) -> None:
    small.land(GIFTS[:1])
    warehouse.do(
        f"GRANT USAGE ON SCHEMA landing TO {ANALYSTS}",
        f"GRANT SELECT ON landing.gifts TO {ANALYSTS}",
        "COMMENT ON VIEW landing.gifts IS 'mine'",
    )
    with warehouse.analyst() as analyst:
        analyst.execute(f"CREATE VIEW {dependents}.total AS SELECT sum(id) AS ids FROM landing.gifts")
    before = [warehouse.oid(name) for name in ("landing.gifts", f"{dependents}.total")]
    for number in range(2, 12):
        small.land([(count, 1, "ann", 1.0) for count in range(number)])
        with warehouse.analyst() as analyst:
            ids = analyst.execute(f"SELECT ids FROM {dependents}.total").fetchone()
            assert ids == (number * (number - 1) // 2,)
    assert [warehouse.oid(name) for name in ("landing.gifts", f"{dependents}.total")] == before
    assert warehouse.value("SELECT obj_description('landing.gifts'::regclass)") == "mine"
    assert warehouse.relations(r"land\_%") == {"land_11.gifts"}


@pytest.fixture
def dependents(postgres_cluster: Sandbox, warehouse: Warehouse) -> Iterator[str]:
    """A schema in which the analyst may make views."""
    with warehouse.connect("postgres") as superuser:
        superuser.execute(f"CREATE SCHEMA own AUTHORIZATION {ANALYST}")
        superuser.execute(f"GRANT USAGE ON SCHEMA own TO {OWNER}")
    return "own"


def test_a_column_added_to_the_table_file_appears_behind_the_others(
    warehouse: Warehouse, small: SmallProject
) -> None:
    small.land(GIFTS)
    before = warehouse.oid("landing.gifts")
    small.table("landing.gifts", "id integer, note text, chain_id integer, giver text, amount real")
    small.land([(1, "first", 10, "ann", 5.0)])
    assert warehouse.rows("SELECT * FROM landing.gifts") == [(1, 10, "ann", 5.0, "first")]
    assert warehouse.oid("landing.gifts") == before


def test_a_changed_table_file_lands_the_same_content_again(warehouse: Warehouse, small: SmallProject) -> None:
    small.land(names=[(1, "Ethereum")])
    small.table("reference.names", "chain_id integer, title text")
    small.land(names=[(1, "Ethereum")])
    assert warehouse.rows("SELECT chain_id, title FROM reference.names") == [(1, "Ethereum")]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ("id integer, chain_id integer, amount real", [(1, 10, 5.0)]),
        ("id integer, chain_id bigint, giver text, amount double precision", GIFTS[:1]),
    ],
    ids=["dropped", "retyped"],
)
def test_a_changed_column_of_the_table_file_leaves_what_is_published(
    warehouse: Warehouse, small: SmallProject, columns: str, rows: list[tuple[Any, ...]]
) -> None:
    """Rows of a build depend on nothing that they were made from."""
    small.refresh(GIFTS, NAMES)
    published = "SELECT * FROM public.gifts ORDER BY 1"
    before, made = warehouse.rows(published), warehouse.oid("build_1.gifts")
    small.table("landing.gifts", columns)
    small.land(rows)
    assert len(warehouse.rows(SHOWN.replace("giver, ", ""))) == 1
    assert warehouse.rows(published) == before
    assert warehouse.oid("build_1.gifts") == made


def test_after_a_conflict_the_next_landing_leaves_nothing(warehouse: Warehouse, small: SmallProject) -> None:
    small.land(GIFTS, NAMES)
    warehouse.do("CREATE VIEW public.mine AS SELECT giver FROM landing.gifts")
    small.table("landing.gifts", "id integer, chain_id integer, amount real")
    with pytest.raises(FacadeConflict, match=r"gifts would lose column giver, which view public\.mine"):
        small.land([(1, 10, 5.0)])
    small.table("landing.gifts", "id integer, chain_id integer, giver text, amount real")
    small.land(GIFTS[:2])
    assert warehouse.rows(SHOWN) == GIFTS[:2]
    assert warehouse.leftovers() == set()


def test_dropping_one_table_of_a_cut_never_waits_for_readers_of_the_others(
    warehouse: Warehouse, small: SmallProject
) -> None:
    small.land(GIFTS, NAMES)
    with connect() as conn, warehouse.connect() as reader, reader.transaction():
        small.table("reference.more", "id integer")
        specs = small.load().tables
        cut = cuts.open_cut(conn, "gifts", None, "two tables", loads=True)
        both = [
            cuts.load(conn, cut, specs[Relation.parse(name)], [], cuts.CSV, "first")
            for name in ("landing.gifts", "reference.more")
        ]
        cuts.close_cut(conn, cut, "two", both, None, PATIENT)
        # A landing that waits for this reader ends him, and the test, instead of hanging.
        reader.execute("SET LOCAL idle_in_transaction_session_timeout = '8s'")
        reader.execute("SELECT count(*) FROM reference.more")
        small.land(GIFTS[:1])
    assert f"land_{cut}.reference__more" in warehouse.relations(r"land\_%")


def test_what_a_killed_workers_session_still_loads_is_gone_the_next_time(
    warehouse: Warehouse, small: SmallProject
) -> None:
    small.land(GIFTS)
    with connect() as conn:
        dead = cuts.open_cut(conn, "gifts", None, "killed", loads=True)
    with warehouse.connect() as orphan:
        orphan.execute("BEGIN")
        orphan.execute(f"CREATE TABLE land_{dead}.gifts (id integer)")
        small.land(GIFTS[:2])
        orphan.execute("ROLLBACK")
    assert f"land_{dead}" in warehouse.schemas(r"land\_%")
    small.land(GIFTS[:1])
    assert warehouse.leftovers() == set()
