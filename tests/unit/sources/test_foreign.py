"""From the foreign tables that are there to what the source has."""

from __future__ import annotations

import pytest

from regendata.models.relation import Relation
from regendata.sources.catalog import RemoteColumn
from regendata.sources.foreign import LocalForeignTable, SyncPlan, plan_sync

COLUMNS = (
    RemoteColumn("id", "text"),
    RemoteColumn("role", "chain_data_87.round_role_name", is_plain=False),
    RemoteColumn("amount", "numeric(78,0)"),
)
HERE = LocalForeignTable("chain_data_87", {"id": "text", "role": "text", "amount": "numeric(78,0)"})
SHOWN = {"id": "text", "role": "text", "amount": "numeric(78,0)"}
VIEW = Relation("indexer", "rounds")


def _plan(
    columns: tuple[RemoteColumn, ...],
    schema: str = "chain_data_87",
    here: LocalForeignTable | None = HERE,
    shown: dict[str, str] | None = None,
) -> SyncPlan:
    local = {"rounds": here} if here else {}
    views = {"rounds": SHOWN if shown is None else shown} if here else {}
    return plan_sync("indexer", schema, {"rounds": columns}, local, views)


def _sql(plan: SyncPlan) -> list[str]:
    return [statement.as_string(None) for statement in plan.statements]


def test_nothing_differs() -> None:
    assert _plan(COLUMNS) == SyncPlan((), (), ())


def test_first_sync_creates_table_and_view() -> None:
    plan = _plan(COLUMNS, here=None)
    assert _sql(plan) == [
        'CREATE FOREIGN TABLE "indexer_fdw"."rounds" ("id" text, "role" text, "amount" numeric(78,0)) '
        "SERVER \"indexer_server\" OPTIONS (schema_name 'chain_data_87', table_name 'rounds')",
        'CREATE OR REPLACE VIEW "indexer"."rounds" AS SELECT "id", ("role" || \'\') AS "role", "amount" '
        'FROM "indexer_fdw"."rounds"',
    ]
    assert plan.views == ()
    assert plan.notes == ()


def test_another_version_moves_the_table_and_keeps_it() -> None:
    plan = _plan(COLUMNS, schema="chain_data_88")
    assert _sql(plan)[0] == (
        'ALTER FOREIGN TABLE "indexer_fdw"."rounds" OPTIONS (SET schema_name \'chain_data_88\')'
    )
    assert not any("DROP" in statement for statement in _sql(plan))
    assert plan.views == (VIEW,)


def test_an_added_column_is_shown_behind_the_others() -> None:
    plan = _plan((RemoteColumn("note", "jsonb"), *COLUMNS))
    assert _sql(plan) == [
        'ALTER FOREIGN TABLE "indexer_fdw"."rounds" ADD COLUMN "note" jsonb',
        'CREATE OR REPLACE VIEW "indexer"."rounds" AS '
        'SELECT "id", ("role" || \'\') AS "role", "amount", "note" FROM "indexer_fdw"."rounds"',
    ]


@pytest.mark.parametrize("schema", ["chain_data_87", "chain_data_88"])
@pytest.mark.parametrize(
    ("columns", "what"),
    [
        (COLUMNS[:2], "was removed"),
        ((*COLUMNS[:2], RemoteColumn("amount", "real")), "is now real"),
    ],
)
def test_a_removed_or_retyped_column_reads_as_null(
    columns: tuple[RemoteColumn, ...], what: str, schema: str
) -> None:
    plan = _plan(columns, schema=schema)
    assert plan.notes == (f"indexer.rounds.amount {what} at the source; readers see NULL",)
    assert _sql(plan)[-1] == (
        'CREATE OR REPLACE VIEW "indexer"."rounds" AS SELECT "id", ("role" || \'\') AS "role", '
        'NULL::numeric(78,0) AS "amount" FROM "indexer_fdw"."rounds"'
    )
    assert plan.views == (VIEW,)


def test_a_column_that_comes_back_is_shown_again() -> None:
    plan = _plan(COLUMNS, schema="chain_data_89")
    assert 'SELECT "id", ("role" || \'\') AS "role", "amount" FROM' in _sql(plan)[-1]
    assert plan.notes == ()


def test_an_array_of_enums_is_shown_as_it_is() -> None:
    column = RemoteColumn("roles", "chain_data_87.round_role_name[]", is_plain=False)
    plan = _plan((column,), here=None)
    assert '("roles" text[])' in _sql(plan)[0]
    assert 'AS SELECT "roles" FROM' in _sql(plan)[1]


def test_a_table_that_is_gone_is_noted_and_kept() -> None:
    plan = plan_sync("indexer", "chain_data_88", {}, {"rounds": HERE}, {"rounds": SHOWN})
    assert plan == SyncPlan((), (), ("rounds is not in chain_data_88",))


def test_a_view_that_somebody_dropped_comes_back() -> None:
    plan = plan_sync("indexer", "chain_data_87", {"rounds": COLUMNS}, {"rounds": HERE}, {})
    assert [statement.split(" AS ")[0] for statement in _sql(plan)] == [
        'CREATE OR REPLACE VIEW "indexer"."rounds"'
    ]
    assert plan.views == ()


def test_names_from_the_source_are_quoted() -> None:
    plan = plan_sync("indexer", "it's", {'a"b': (RemoteColumn('c"d', "text"),)}, {}, {})
    assert _sql(plan) == [
        'CREATE FOREIGN TABLE "indexer_fdw"."a""b" ("c""d" text) SERVER "indexer_server" '
        "OPTIONS (schema_name 'it''s', table_name 'a\"b')",
        'CREATE OR REPLACE VIEW "indexer"."a""b" AS SELECT "c""d" FROM "indexer_fdw"."a""b"',
    ]
