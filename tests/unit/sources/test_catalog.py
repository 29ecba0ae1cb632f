"""Columns of a source and how they become ours."""

from __future__ import annotations

import pytest

from regendata.models.relation import Relation
from regendata.sources.catalog import (
    RemoteColumn,
    base_type,
    copy_out,
    mismatches,
    remote_tables,
)
from tests.unit.builders import table

SOURCE = Relation("chain_data_88", "rounds")


@pytest.mark.parametrize(
    ("ours", "theirs", "base"),
    [
        ("TEXT", "text", "text"),
        ("VARCHAR(255)", "character varying(255)", "text"),
        ("VARCHAR(255)[]", "character varying(255)[]", "text[]"),
        ("INT", "integer", "integer"),
        ("BIGINT", "bigint", "bigint"),
        ("SMALLINT", "smallint", "smallint"),
        ("DECIMAL(78, 0)", "numeric(78,0)", "numeric"),
        ("DECIMAL", "numeric", "numeric"),
        ("REAL", "real", "real"),
        ("DOUBLE PRECISION", "double precision", "double precision"),
        ("BOOLEAN", "boolean", "boolean"),
        ("TIMESTAMPTZ", "timestamp with time zone", "timestamp with time zone"),
        ("TIMESTAMPTZ(3)", "timestamp(3) with time zone", "timestamp with time zone"),
        ("TIMESTAMP(3)", "timestamp(3) without time zone", "timestamp without time zone"),
        ("JSONB", "jsonb", "jsonb"),
        ("TEXT[]", "text[]", "text[]"),
        ("DECIMAL(78, 0)[]", "numeric(78,0)[]", "numeric[]"),
        ("BYTEA", "bytea", "bytea"),
    ],
)
def test_base_type_is_one_for_both_spellings(ours: str, theirs: str, base: str) -> None:
    assert base_type(ours) == base_type(theirs) == base


@pytest.mark.parametrize(
    ("column", "local"),
    [
        (RemoteColumn("a", "numeric(78,0)"), "numeric(78,0)"),
        (RemoteColumn("a", "text[]"), "text[]"),
        (RemoteColumn("a", "chain_data_88.application_status", is_plain=False), "text"),
        (RemoteColumn("a", "chain_data_88.round_role_name[]", is_plain=False), "text[]"),
    ],
)
def test_what_only_the_source_knows_becomes_text(column: RemoteColumn, local: str) -> None:
    assert column.local_type == local


def test_rows_of_the_catalog_by_table() -> None:
    rows = [("a", "id", "text", True), ("a", "kind", "s.kind", False), ("b", "id", "integer", True)]
    assert remote_tables(rows) == {
        "a": (RemoteColumn("id", "text"), RemoteColumn("kind", "s.kind", is_plain=False)),
        "b": (RemoteColumn("id", "integer"),),
    }


OURS = table("landing.rounds", id="TEXT", chain_id="INT", amount="DECIMAL(78, 0)", role="TEXT")
THEIRS = {
    "id": RemoteColumn("id", "text"),
    "chain_id": RemoteColumn("chain_id", "integer"),
    "amount": RemoteColumn("amount", "numeric(78,0)"),
    "role": RemoteColumn("role", "chain_data_88.round_role_name", is_plain=False),
}


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"extra": RemoteColumn("extra", "jsonb")}, []),
        ({"amount": RemoteColumn("amount", "numeric(18,5)")}, []),
        ({"id": RemoteColumn("id", "character varying(66)")}, []),
        ({"amount": None}, ["amount was removed"]),
        ({"amount": RemoteColumn("amount", "real")}, ["amount is now real, was numeric"]),
        ({"chain_id": RemoteColumn("chain_id", "bigint")}, ["chain_id is now bigint, was integer"]),
        ({"role": RemoteColumn("role", "s.x[]", is_plain=False)}, ["role is now s.x[], was text"]),
        (
            {"id": None, "role": RemoteColumn("role", "integer")},
            ["id was removed", "role is now integer, was text"],
        ),
    ],
)
def test_mismatches(changed: dict[str, RemoteColumn | None], found: list[str]) -> None:
    columns = {**THEIRS, **changed}
    assert mismatches(OURS, tuple(column for column in columns.values() if column)) == found


def test_copy_out_in_our_order_with_our_types() -> None:
    remote = (*reversed(THEIRS.values()), RemoteColumn("extra", "jsonb"))
    assert copy_out(OURS, SOURCE, remote, {11155111, 5}).as_string(None) == (
        'COPY (SELECT "id", "chain_id", "amount"::DECIMAL(78, 0), "role"::TEXT '
        'FROM "chain_data_88"."rounds" WHERE (chain_id IN (5, 11155111)) IS NOT TRUE) '
        "TO STDOUT (FORMAT binary)"
    )


def test_copy_out_without_chains() -> None:
    ours = table("landing.x", id="TEXT")
    copied = copy_out(ours, SOURCE, (RemoteColumn("id", "text"),), {11155111}).as_string(None)
    assert copied == 'COPY (SELECT "id" FROM "chain_data_88"."rounds") TO STDOUT (FORMAT binary)'
