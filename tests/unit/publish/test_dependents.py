"""People's views as statements: read from elsewhere, made, granted and furnished once more."""

from __future__ import annotations

from dataclasses import replace as changed

import pytest

from regendata.exceptions import FacadeConflict
from regendata.models.relation import Relation
from regendata.publish.dependents import Captured, Grant, Index, create, furnish, redirected, regrant, replace

GIFTS, ODD = Relation("public", "gifts"), Relation("Odd schema", "My table")
MOVES = {GIFTS: "next_public", ODD: "next_odd"}
VIEW = Captured(
    oid=7,
    relation=Relation("own", "big"),
    kind="v",
    owner="metabase",
    definition="SELECT 1 AS one, 2 AS two",
    populated=True,
    options=(),
    reads=frozenset(),
    uses=frozenset(),
    shape=(),
    grants=frozenset(),
    comments=(),
    indexes=(),
    extras=(),
    settable=True,
)
MATVIEW = changed(VIEW, kind="m", options=("fillfactor=80",))


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("SELECT gifts.id FROM public.gifts", 'SELECT gifts.id FROM "next_public".gifts'),
        ("SELECT g.id FROM public.gifts g", 'SELECT g.id FROM "next_public".gifts g'),
        ("SELECT id FROM public.gifts_of_old", "SELECT id FROM public.gifts_of_old"),
        ("SELECT id FROM views.gifts", "SELECT id FROM views.gifts"),
        ("SELECT 'public.gifts' AS source", "SELECT 'public.gifts' AS source"),
        ('SELECT 1 AS "public.gifts" FROM pg_class', 'SELECT 1 AS "public.gifts" FROM pg_class'),
        ('SELECT * FROM "Odd schema"."My table"', 'SELECT * FROM "next_odd"."My table"'),
        (
            "SELECT 1 FROM (public.gifts a JOIN public.gifts b ON ((a.id = b.id)))",
            'SELECT 1 FROM ("next_public".gifts a JOIN "next_public".gifts b ON ((a.id = b.id)))',
        ),
        (
            "WITH gifts AS (SELECT 1 AS id FROM public.gifts) "
            "SELECT (SELECT max(id) FROM public.gifts) FROM gifts",
            'WITH gifts AS (SELECT 1 AS id FROM "next_public".gifts) '
            'SELECT (SELECT max(id) FROM "next_public".gifts) FROM gifts',
        ),
    ],
)
def test_only_the_schema_of_what_moves_changes(definition: str, expected: str) -> None:
    assert redirected(definition, MOVES) == expected


def test_a_definition_nobody_can_read_is_refused() -> None:
    with pytest.raises(FacadeConflict, match="its definition cannot be read"):
        redirected("SELECT FROM WHERE (", MOVES)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (VIEW, 'CREATE VIEW "next"."big" AS\nSELECT 1'),
        (MATVIEW, 'CREATE MATERIALIZED VIEW "next"."big" WITH ("fillfactor" = \'80\') AS\nSELECT 1'),
        (
            changed(MATVIEW, options=(), populated=False),
            'CREATE MATERIALIZED VIEW "next"."big" AS\nSELECT 1 WITH NO DATA',
        ),
    ],
)
def test_made_as_it_was(one: Captured, expected: str) -> None:
    assert create(one, "next", "SELECT 1").as_string(None) == expected


def test_replaced_with_its_own_definition() -> None:
    assert replace(VIEW).as_string(None) == f'CREATE OR REPLACE VIEW "own"."big" AS\n{VIEW.definition}'


def test_comments_on_columns_that_went_are_left_out() -> None:
    one = changed(
        MATVIEW,
        comments=((None, "it's big"), ("one", "first"), ("gone", "lost")),
        indexes=(Index("big_key", True, "btree (one)", "one each"),),
    )
    assert [statement.as_string(None) for statement in furnish(one, "next", ["one", "two"])] == [
        'CREATE UNIQUE INDEX "big_key" ON "next"."big" USING btree (one)',
        'COMMENT ON INDEX "next"."big_key" IS \'one each\'',
        "COMMENT ON MATERIALIZED VIEW \"next\".\"big\" IS 'it''s big'",
        'COMMENT ON COLUMN "next"."big"."one" IS \'first\'',
    ]


def test_grants_end_as_they_were_whatever_a_new_relation_is_given() -> None:
    kept = Grant(None, "metabase", "SELECT", False)
    wanted = frozenset({kept, Grant("one", None, "SELECT", True), Grant("gone", "bot", "SELECT", False)})
    given = frozenset({kept, Grant(None, None, "INSERT", False)})
    statements = [
        one.as_string(None) for one in regrant(changed(VIEW, grants=wanted), "next", given, ["one"])
    ]
    assert statements == [
        'REVOKE INSERT ON "next"."big" FROM PUBLIC',
        'GRANT SELECT ("one") ON "next"."big" TO PUBLIC WITH GRANT OPTION',
    ]
