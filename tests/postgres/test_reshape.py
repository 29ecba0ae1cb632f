"""Columns of published views go, change names and types under what people built on them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from regendata.exceptions import FacadeConflict, PublishBlocked
from regendata.hooks.warehouse import facades, reshape
from sandbox.bootstrap import ANALYST, ANALYSTS, OWNER
from tests.support.readers import readers
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
WITHOUT_CHAIN = ("gift.id, gift.chain_id, gift.giver", "gift.id, gift.giver")
#: What an analyst keeps on a published view, with all that can hang on it.
OBJECTS = (
    "CREATE VIEW own.big WITH (security_barrier) AS SELECT id, giver FROM public.gifts WHERE amount > 1",
    "CREATE VIEW own.bigger AS SELECT giver, count(*) AS gifts FROM own.big GROUP BY giver",
    "CREATE MATERIALIZED VIEW own.totals WITH (fillfactor = 80) AS "
    "SELECT giver, sum(amount) AS usd, 'public.gifts' AS source FROM public.gifts GROUP BY giver",
    "CREATE UNIQUE INDEX totals_key ON own.totals (lower(giver)) WHERE usd > 0",
    "CREATE VIEW own.richest AS SELECT giver FROM own.totals ORDER BY usd DESC LIMIT 1",
    "CREATE MATERIALIZED VIEW own.later AS SELECT id FROM public.gifts WITH NO DATA",
    "COMMENT ON VIEW own.big IS 'more than a dollar'",
    "COMMENT ON MATERIALIZED VIEW own.totals IS 'what each gave'",
    "COMMENT ON COLUMN own.totals.usd IS 'in dollars'",
    "COMMENT ON INDEX own.totals_key IS 'one row each'",
    f"GRANT SELECT ON own.totals TO {OWNER} WITH GRANT OPTION",
    f"GRANT SELECT (giver) ON own.bigger TO {OWNER}",
    "REVOKE DELETE ON own.totals FROM metabase",
)
ALL = """
SELECT c.relname, c.relkind, pg_get_viewdef(c.oid), pg_get_userbyid(c.relowner), c.reloptions,
  c.relispopulated, obj_description(c.oid, 'pg_class'),
  ARRAY(SELECT x::text FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS x ORDER BY 1),
  ARRAY(SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), attacl,
    col_description(attrelid, attnum))
    FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 ORDER BY attnum),
  ARRAY(SELECT pg_get_indexdef(indexrelid) || obj_description(indexrelid, 'pg_class') FROM pg_index
    WHERE indrelid = c.oid)
FROM pg_class AS c WHERE c.relnamespace = 'own'::regnamespace AND c.relkind IN ('v', 'm') ORDER BY 1
"""


@pytest.fixture
def published(warehouse: Warehouse, small: SmallProject) -> SmallProject:
    """The small project published once; analysts may build on it, and the engine may act for them."""
    small.refresh(GIFTS, NAMES)
    warehouse.do(
        f"GRANT USAGE ON SCHEMA public, views TO {ANALYSTS}",
        f"GRANT SELECT ON public.gifts, views.givers TO {ANALYSTS}",
    )
    with warehouse.connect("postgres") as superuser:
        superuser.execute(f"CREATE SCHEMA own AUTHORIZATION {ANALYST}")
    return small


@pytest.fixture
def built_on(warehouse: Warehouse, published: SmallProject) -> SmallProject:
    """The analyst's objects stand."""
    with warehouse.analyst() as analyst:
        for statement in OBJECTS:
            analyst.execute(statement)
    return published


def everything(warehouse: Warehouse) -> list[tuple[object, ...]]:
    with warehouse.connect("postgres") as superuser:
        return superuser.execute(ALL).fetchall()


def oids(warehouse: Warehouse, *names: str) -> dict[str, int]:
    with warehouse.connect("postgres") as superuser:
        rows = superuser.execute(
            "SELECT name, name::regclass::oid FROM unnest(%s::text[]) AS n (name)", [list(names)]
        )
        return dict(rows.fetchall())


def drop_chain(project: SmallProject) -> None:
    """Gifts without the column chain_id."""
    project.edit("public.gifts", *WITHOUT_CHAIN)
    project.edit("public.gifts", "indexes: [[chain_id]]\n", "")
    project.edit("public.named_gifts", "gift.chain_id = named.chain_id", "named.chain_id = 1")


def retype_amount(project: SmallProject) -> None:
    """Amounts of gifts as numeric in place of real."""
    project.edit(
        "public.gifts", "gift.giver, gift.amount", "gift.giver, gift.amount::numeric(20, 2) AS amount"
    )


def retype_giver(project: SmallProject) -> None:
    """Givers as bytes, of which nobody can take lower()."""
    project.edit("public.gifts", "gift.giver,", "gift.giver::bytea AS giver,")


def test_what_people_built_survives_a_column_that_goes(warehouse: Warehouse, built_on: SmallProject) -> None:
    before, kept = everything(warehouse), oids(warehouse, "own.big", "own.bigger")
    drop_chain(built_on)
    built_on.refresh([*GIFTS, (4, 1, "dan", 100.0)])
    assert everything(warehouse) == before
    assert oids(warehouse, "own.big", "own.bigger") == kept
    with warehouse.analyst() as analyst:
        assert analyst.execute("SELECT count(*) FROM own.big").fetchone() == (4,)
        assert analyst.execute("SELECT giver FROM own.richest").fetchone() == ("dan",)
        analyst.execute("REFRESH MATERIALIZED VIEW own.totals")
        analyst.execute("REFRESH MATERIALIZED VIEW own.later")
    assert warehouse.leftovers() == set()
    assert warehouse.schemas("regendata%%") == set()


def test_a_type_that_changes_goes_through_to_what_reads_it(
    warehouse: Warehouse, built_on: SmallProject
) -> None:
    before = {row[0]: row for row in everything(warehouse)}
    retype_amount(built_on)
    built_on.refresh()
    after = {row[0]: row for row in everything(warehouse)}
    assert {name for name in before if before[name] != after[name]} == {"totals", "big"}
    assert "usd numeric in dollars" in str(after["totals"])
    assert "(amount)::double precision" in str(after["big"])
    with warehouse.analyst() as analyst:
        assert analyst.execute("SELECT usd FROM own.totals WHERE giver = 'ann'").fetchone() == (
            Decimal("6.25"),
        )


FACADE = (
    "COMMENT ON VIEW public.gifts IS 'all gifts'",
    "COMMENT ON COLUMN public.gifts.giver IS 'who gave'",
    "GRANT SELECT (id) ON public.gifts TO PUBLIC",
    f"GRANT SELECT, TRIGGER ON public.gifts TO {ANALYSTS} WITH GRANT OPTION",
    "REVOKE TRUNCATE ON public.gifts FROM grants_owner",
    "ALTER VIEW public.gifts SET (security_barrier = true)",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO PUBLIC",
    "CREATE RULE nowhere AS ON DELETE TO public.gifts DO INSTEAD NOTHING",
    "ALTER VIEW public.gifts ALTER COLUMN giver SET DEFAULT 'nobody'",
)


@contextmanager
def disposable_role(superuser: psycopg.Connection) -> Iterator[str]:
    """A role that may own things in this database and is gone at the end, with what it owns."""
    role = f"keeper_{secrets.token_hex(4)}"
    superuser.execute(f"CREATE ROLE {role}")
    try:
        yield role
    finally:
        superuser.execute(f"REASSIGN OWNED BY {role} TO {OWNER}")
        superuser.execute(f"DROP OWNED BY {role}")
        superuser.execute(f"DROP ROLE {role}")


def facade(superuser: psycopg.Connection) -> tuple[Any, ...]:
    """All about public.gifts but its definition and columns."""
    query = ALL.replace("'own'", "'public'").replace("c.relkind IN", "c.relname = 'gifts' AND c.relkind IN")
    rules = "SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE rulename = 'nowhere'"
    columns = "SELECT attname, attacl, col_description(attrelid, attnum), atthasdef FROM pg_attribute"
    (row,) = superuser.execute(query).fetchall()
    return (
        row[3:8],
        superuser.execute(rules).fetchall(),
        superuser.execute(
            f"{columns} WHERE attrelid = 'public.gifts'::regclass AND attname = 'giver'"
        ).fetchall(),
    )


@pytest.mark.parametrize("change", [drop_chain, retype_amount, lambda project: None])
def test_all_that_hangs_on_a_published_view_stays(
    change: Callable[[SmallProject], None], warehouse: Warehouse, published: SmallProject
) -> None:
    with warehouse.connect("postgres") as superuser, disposable_role(superuser) as keeper:
        warehouse.do(*FACADE)
        superuser.execute(f"GRANT {keeper} TO {OWNER}")
        superuser.execute(f"ALTER VIEW public.gifts OWNER TO {keeper}")
        before = facade(superuser)
        assert before[0][0] == keeper
        change(published)
        published.refresh([*GIFTS, (4, 1, "dan", 100.0)])
        assert facade(superuser) == before
        assert superuser.execute("SELECT count(*) FROM public.gifts").fetchone() == (4,)
        superuser.execute(f"REVOKE {keeper} FROM {OWNER}")


REFUSED = {
    "a column a view reads": (
        "CREATE VIEW own.chains AS SELECT DISTINCT chain_id FROM public.gifts",
        drop_chain,
        r"public\.gifts would lose column chain_id, which view own\.chains \(owner metabase\) reads",
    ),
    "a column a view of everything reads": (
        "CREATE VIEW own.everything AS SELECT * FROM public.gifts",
        drop_chain,
        r"would lose column chain_id, which view own\.everything \(owner metabase\) reads",
    ),
    "a type a view cannot use": (
        "CREATE VIEW own.lowered AS SELECT lower(giver) FROM public.gifts",
        retype_giver,
        r"view own\.lowered \(owner metabase\) does not survive .*: function .*lower\(bytea\) does not exist",
    ),
    "a type a view of a view cannot use": (
        "CREATE VIEW own.givers AS SELECT giver FROM public.gifts; "
        "CREATE VIEW own.lowered AS SELECT lower(giver) FROM own.givers",
        retype_giver,
        r"view own\.lowered \(owner metabase\) does not survive",
    ),
    "values a materialized view cannot be filled with": (
        "CREATE MATERIALIZED VIEW own.odds AS SELECT id, 1 / (id - 9) AS odd FROM public.gifts",
        drop_chain,
        r"materialized view own\.odds \(owner metabase\) does not survive .*: division by zero",
    ),
    "a function": (
        "CREATE FUNCTION own.most() RETURNS bigint LANGUAGE sql "
        "BEGIN ATOMIC SELECT count(id) FROM public.gifts; END",
        drop_chain,
        r"function own\.most\(\) \(owner metabase\) holds on to public\.gifts",
    ),
    "a table of the row type": (
        "CREATE TABLE own.picked (gift public.gifts)",
        drop_chain,
        r"own\.picked .*\(owner metabase\) holds on to public\.gifts",
    ),
    "statistics": (
        "CREATE MATERIALIZED VIEW own.mine AS SELECT id, giver FROM public.gifts; "
        "CREATE STATISTICS own.pair ON id, giver FROM own.mine",
        drop_chain,
        r"statistics object own\.pair \(owner metabase\) holds on to own\.mine",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_survive_stops_the_publish_by_its_name(
    what: str, warehouse: Warehouse, published: SmallProject
) -> None:
    statements, change, message = REFUSED[what]
    with warehouse.analyst() as analyst:
        analyst.execute(statements)
    before = everything(warehouse), oids(warehouse, "public.gifts", "views.givers")
    change(published)
    published.land([*GIFTS, (9, 1, "zed", 1.0)])
    opened = published.build()
    with pytest.raises(FacadeConflict, match=message):
        published.publish(opened.build_id)
    assert (everything(warehouse), oids(warehouse, "public.gifts", "views.givers")) == before
    assert warehouse.rows("SELECT max(id), max(chain_id) FROM public.gifts") == [(3, 10)]
    assert warehouse.value("SELECT state FROM meta.build WHERE build_id = 2") == "building"
    assert warehouse.schemas("regendata%%") == set()


def test_what_belongs_to_a_stranger_stops_the_publish_with_the_way_out(
    warehouse: Warehouse, published: SmallProject
) -> None:
    with warehouse.connect("postgres") as superuser, disposable_role(superuser) as stranger:
        superuser.execute("CREATE VIEW own.big AS SELECT id FROM public.gifts")
        superuser.execute(f"ALTER VIEW own.big OWNER TO {stranger}")
        drop_chain(published)
        opened = published.build()
        with pytest.raises(
            FacadeConflict,
            match=rf"view own\.big \(owner {stranger}\) .*; GRANT {stranger} TO the publishing role",
        ):
            published.publish(opened.build_id)
        superuser.execute("DROP VIEW own.big")
        published.publish(opened.build_id)
    assert "chain_id" not in str(warehouse.rows("SELECT row_to_json(g) FROM public.gifts AS g"))


def test_what_somebody_builds_meanwhile_is_seen(
    warehouse: Warehouse, built_on: SmallProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_chain(built_on)
    opened, stage = built_on.build(), reshape.stage

    def stage_slowly(*arguments: Any) -> reshape.Stage:
        staged = stage(*arguments)
        with warehouse.analyst() as analyst:
            analyst.execute("CREATE VIEW own.newest AS SELECT max(id) FROM public.gifts")
        return staged

    monkeypatch.setattr(facades, "stage", stage_slowly)
    with pytest.raises(PublishBlocked, match="somebody changed what reads public"):
        built_on.publish(opened.build_id)
    monkeypatch.setattr(facades, "stage", reshape.stage)
    built_on.publish(opened.build_id)
    with warehouse.analyst() as analyst:
        assert analyst.execute("SELECT * FROM own.newest").fetchone() == (3,)


def test_nobody_fails_or_waits_while_columns_come_and_go(
    warehouse: Warehouse, built_on: SmallProject
) -> None:
    queries = [
        "SELECT count(*) FROM public.gifts JOIN own.totals USING (giver)",
        "SELECT giver, gifts FROM own.bigger",
        "SELECT count(*) FROM own.richest JOIN own.big USING (giver)",
    ]
    with readers(warehouse.dsn(ANALYST), queries, count=4, pause=0.005) as readings:
        for number in range(3):
            readings.wait_for_more(20)
            built_on.edit("public.gifts", "gift.chain_id, ", f"gift.chain_id, 1 AS extra_{number}, ")
            built_on.refresh()
            built_on.edit("public.gifts", f"1 AS extra_{number}, ", "")
            built_on.refresh()
        readings.wait_for_more(20)
    assert readings.errors == []
    assert readings.longest < 1
