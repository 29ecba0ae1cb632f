"""What readers of Passport see: one row per model and wallet, one per wallet, always the newest."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from regendata.models.project import load_project
from regendata.models.relation import Relation
from tests.support.warehouse import Warehouse

PROJECT = load_project("grants_daily")
WALLET, OTHER = "0x" + "ab" * 20, "0x" + "cd" * 20
NOON = "2024-10-24 12:00:00+00"
SCORE = {"id": 1, "model": "zksync", "address": WALLET, "updated_at": NOON, "data_human_probability": 7}
LINE = {
    "id": 1,
    "community": 335,
    "address": WALLET,
    "status": "DONE",
    "score": 1,
    "raw_score": 23.5,
    "last_score_timestamp": "2024-10-24 12:00:00.9+00",
    "stamps": Jsonb({"Github": "1.5"}),
}
Row = dict[str, Any]


@pytest.fixture
def landing(warehouse: Warehouse) -> Warehouse:
    """A warehouse with both landed tables, empty."""
    tables = [
        PROJECT.tables[Relation("landing", name)] for name in ("passport_model_scores", "passport_stamps")
    ]
    warehouse.do("CREATE SCHEMA landing", *(table.body for table in tables))
    return warehouse


def build(landing: Warehouse, view: str, table: str, *given: Row) -> list[Row]:
    """Rows of a view over these rows of its table."""
    with psycopg.connect(landing.dsn(), row_factory=dict_row) as conn:
        for row in given:
            names, places = ", ".join(row), ", ".join(["%s"] * len(row))
            conn.execute(f"INSERT INTO landing.{table} ({names}) VALUES ({places})", list(row.values()))
        return conn.execute(PROJECT.models[Relation("public", view)].select).fetchall()


def scores(landing: Warehouse, *given: Row) -> list[Row]:
    return build(landing, "passport_model_scores", "passport_model_scores", *given)


def stamps(landing: Warehouse, *given: Row) -> list[Row]:
    return build(landing, "Passport", "passport_stamps", *given)


def test_the_newest_score_of_a_model_and_wallet_counts(landing: Warehouse) -> None:
    newer = SCORE | {"id": 2, "updated_at": "2024-10-25 00:00:00+00", "data_human_probability": 80}
    same_time = newer | {"id": 3, "data_human_probability": 90}
    found = scores(
        landing, newer, SCORE, same_time, SCORE | {"model": "optimism"}, SCORE | {"address": OTHER}
    )
    assert {(row["address"], row["model"]): row["data_human_probability"] for row in found} == {
        (WALLET, "zksync"): 90,
        (WALLET, "optimism"): 7,
        (OTHER, "zksync"): 7,
    }


def test_a_wallet_has_the_score_of_the_community_that_scored_it_last(landing: Warehouse) -> None:
    older = LINE | {"id": 9, "community": 2, "raw_score": 3, "last_score_timestamp": "2024-10-01 00:00+00"}
    assert stamps(landing, older, LINE) == [
        {
            "userAddress": WALLET,
            "stamps": {"Github": "1.5"},
            "community": 335,
            "status": "DONE",
            "score": 23.5,
            "scoreTimestamp": 1729771200,
            "updatedAt": 1729771200,
        }
    ]


def test_without_evidence_the_score_is_the_one_given(landing: Warehouse) -> None:
    (row,) = stamps(landing, LINE | {"raw_score": None, "stamps": None})
    assert (row["score"], row["stamps"]) == (1, None)
