"""Publishing while people read, and what stops it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from regendata.exceptions import FacadeConflict, PublishBlocked
from regendata.hooks.warehouse.facades import LockPolicy
from tests.support.guarantees import Recorder
from tests.support.readers import readers
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
#: Each joins several views, in another order, as dashboards do.
JOINS = (
    "SELECT count(*) FROM public.gifts JOIN public.chain_names USING (chain_id)",
    "SELECT count(*) FROM public.chain_names JOIN public.gifts USING (chain_id) "
    "JOIN views.givers USING (giver)",
    "SELECT count(*) FROM views.givers JOIN public.gifts USING (giver) JOIN public.named_gifts USING (id)",
    "SELECT count(*) FROM public.named_gifts JOIN public.gifts USING (id)",
)
IMPATIENT = LockPolicy(wait_ms=50, deadline_s=0.3)


@pytest.fixture
def published(warehouse: Warehouse, small: SmallProject) -> SmallProject:
    """The small project, landed and published once."""
    small.refresh(GIFTS, NAMES)
    return small


def test_eight_readers_never_fail_while_five_builds_are_published(
    warehouse: Warehouse, published: SmallProject, guarantee: Recorder
) -> None:
    before = [warehouse.oid(name) for name in ("public.gifts", "public.named_gifts", "views.givers")]
    with readers(warehouse.dsn(), JOINS, count=8, pause=0.002) as readings:
        readings.wait_for_more(40)
        for number in range(5):
            published.refresh(
                [*GIFTS, (10 + number, 1, f"giver {number}", 1.0)], [*NAMES, (100 + number, "new")]
            )
            readings.wait_for_more(20)
    assert readings.errors == []
    assert readings.longest < 2
    assert [warehouse.oid(name) for name in ("public.gifts", "public.named_gifts", "views.givers")] == before
    assert warehouse.value("SELECT count(*) FROM meta.build WHERE state = 'published'") == 6
    assert warehouse.rows("SELECT giver FROM views.givers WHERE giver LIKE 'giver%%'") == [("giver 4",)]
    guarantee(
        "Publishing while people read",
        promise="Readers who join published views meet no error and no noticeable wait, and OIDs stay.",
        figures={
            "readers": 8,
            "publishes": 5,
            "reads": len(readings.seconds),
            "failed reads": len(readings.errors),
            "longest read": f"{readings.longest:.3f} s",
        },
    )


def test_a_publish_is_all_or_nothing_for_whoever_reads_two_views(
    warehouse: Warehouse, published: SmallProject
) -> None:
    """Every statement sees both views of one build: as many gifts as the givers are said to have given."""
    both = "SELECT (SELECT count(*) FROM public.gifts) - (SELECT sum(gifts) FROM views.givers)"
    differences = []
    with readers(
        warehouse.dsn(), [f"SELECT 1 / (1 - sign(abs(difference))) FROM ({both}) AS one (difference)"], 4
    ) as seen:
        for number in range(4):
            published.refresh([*GIFTS, *((10 + more, 1, "ann", 1.0) for more in range(number + 1))])
            seen.wait_for_more(10)
            differences.append(warehouse.value(both))
    assert seen.errors == []
    assert differences == [0, 0, 0, 0]


def test_a_reader_who_never_ends_is_named_and_nothing_changes(
    warehouse: Warehouse, published: SmallProject
) -> None:
    published.land([*GIFTS, (4, 1, "dan", 2.0)])
    opened = published.build()
    with warehouse.analyst("nightly export") as reader, reader.transaction():
        with warehouse.connect("postgres") as superuser:
            superuser.execute("GRANT SELECT ON public.gifts TO metabase")
        reader.execute("SELECT count(*) FROM public.gifts")
        blocked = (
            rf"no lock on 3 views after \d+ attempts in \d s; held by pid {reader.info.backend_pid} "
            + re.escape("(metabase, nightly export)")
        )
        with pytest.raises(PublishBlocked, match=blocked):
            published.publish(opened.build_id, IMPATIENT)
        assert reader.execute("SELECT count(*) FROM public.gifts").fetchone() == (3,)
        assert warehouse.value("SELECT state FROM meta.build WHERE build_id = 2") == "building"
    published.publish(opened.build_id, IMPATIENT)
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 4
    assert warehouse.value("SELECT state FROM meta.build WHERE build_id = 2") == "published"


def test_other_readers_are_served_while_publishing_waits_for_one(
    warehouse: Warehouse, published: SmallProject
) -> None:
    published.land([*GIFTS, (4, 1, "dan", 2.0)])
    opened = published.build()
    with warehouse.connect() as slow, slow.transaction():
        slow.execute("SELECT count(*) FROM public.gifts")
        with readers(warehouse.dsn(), JOINS, count=3) as readings, pytest.raises(PublishBlocked):
            published.publish(opened.build_id, replace(IMPATIENT, deadline_s=1.0))
    assert readings.errors == []
    assert len(readings.seconds) > 20
    assert readings.longest < 1


def test_a_table_with_the_name_of_a_view_is_refused(warehouse: Warehouse, small: SmallProject) -> None:
    warehouse.do("CREATE TABLE public.gifts (mine integer)")
    small.land(GIFTS, NAMES)
    opened = small.build()
    with pytest.raises(FacadeConflict, match=r"public\.gifts exists and is no view; rename it away"):
        small.publish(opened.build_id)
    warehouse.do("ALTER TABLE public.gifts RENAME TO my_gifts")
    small.publish(opened.build_id)
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 3


def test_a_renamed_column_takes_the_place_of_the_old_one(
    warehouse: Warehouse, published: SmallProject
) -> None:
    published.edit("public.gifts", "gift.giver, gift.amount", "gift.giver, gift.amount AS value")
    published.edit("public.gifts", "amount: amount", "amount: value")
    published.edit("public.named_gifts", "gift.amount, ", "gift.value AS amount, ")
    published.refresh()
    assert warehouse.rows("SELECT * FROM public.gifts WHERE id = 1") == [(1, 10, "ann", 5.0)]
    assert warehouse.rows("SELECT value FROM public.gifts WHERE id = 1") == [(5.0,)]


def test_a_column_may_change_its_type(warehouse: Warehouse, published: SmallProject) -> None:
    published.edit("views.givers", "count(*) AS gifts", "count(*)::integer AS gifts")
    published.refresh()
    assert warehouse.rows("SELECT gifts, pg_typeof(gifts)::text FROM views.givers WHERE giver = 'ann'") == [
        (2, "integer")
    ]


def test_new_columns_come_behind_those_readers_know(warehouse: Warehouse, published: SmallProject) -> None:
    warehouse.do("CREATE VIEW public.mine AS SELECT * FROM views.givers")
    published.edit("views.givers", "SELECT gift.giver,", "SELECT min(gift.id) AS first, gift.giver,")
    published.refresh()
    assert warehouse.rows("SELECT * FROM views.givers ORDER BY 1") == [("ann", 2, 1), ("bob", 1, 2)]
    assert warehouse.rows("SELECT * FROM public.mine ORDER BY 1") == [("ann", 2), ("bob", 1)]


def test_a_model_that_is_gone_keeps_its_view(warehouse: Warehouse, published: SmallProject) -> None:
    (published.folder / "models" / "views" / "givers.sql").unlink()
    for number in range(5):
        published.keeping(1).refresh([*GIFTS, (10 + number, 1, "ann", 1.0)])
    assert warehouse.rows("SELECT giver, gifts FROM views.givers ORDER BY 1") == [("ann", 2), ("bob", 1)]
