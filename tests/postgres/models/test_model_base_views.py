"""The five base views: live wins over static, test networks stay out."""

from __future__ import annotations

import pytest

from tests.postgres.models import rows
from tests.postgres.models.model_warehouse import ModelWarehouse

SEPOLIA = rows.SEPOLIA["chain_id"]
KEYED = {
    "rounds": (rows.round_(match_amount=1), {"match_amount": 2}, {"chain_id": 10}),
    "applications": (rows.application(tags=["a"]), {"tags": ["b"]}, {"round_id": "0x2"}),
    "donations": (rows.donation(), {"amount_in_usd": 9.5}, {"id": "0xd2"}),
    "applications_payouts": (rows.payout(), {"amount_in_usd": 9.5}, {"id": 2}),
    "round_roles": (rows.operator(rows.OP_A), {"created_at_block": 9}, {"role": "admin"}),
}


@pytest.mark.parametrize("table", KEYED)
def test_live_row_hides_the_static_row_of_its_key_only(models: ModelWarehouse, table: str) -> None:
    row, change, other_key = KEYED[table]
    models.insert(f"landing.indexer_{table}", row)
    models.insert(f"static_indexer_chain_data_75.{table}", row | change, row | change | other_key)
    found = models.build(f"public.{table}")
    assert sorted(row["source"] for row in found) == ["indexer", "static"]
    [live] = [row for row in found if row["source"] == "indexer"]
    [static] = [row for row in found if row["source"] == "static"]
    changed = next(iter(change))
    assert live[changed] == row.get(changed)
    assert static[changed] == change[changed]
    assert {column: static[column] for column in other_key} == other_key


@pytest.mark.parametrize("table", KEYED)
def test_test_network_is_left_out_on_both_sides(models: ModelWarehouse, table: str) -> None:
    row, _, other_key = KEYED[table]
    models.insert(f"landing.indexer_{table}", row | {"chain_id": SEPOLIA})
    models.insert(f"static_indexer_chain_data_75.{table}", row | other_key | {"chain_id": SEPOLIA})
    assert models.build(f"public.{table}") == []


def test_payout_of_a_test_network_does_not_hide_the_archived_payout_with_its_serial_number(
    models: ModelWarehouse,
) -> None:
    models.insert("landing.indexer_applications_payouts", rows.payout(chain_id=SEPOLIA))
    models.insert("static_indexer_chain_data_75.applications_payouts", rows.payout())
    assert [row["source"] for row in models.build("public.applications_payouts")] == ["static"]


def test_a_chain_that_nobody_described_is_kept(models: ModelWarehouse) -> None:
    models.insert("landing.indexer_rounds", rows.round_(chain_id=777))
    assert [row["chain_id"] for row in models.build("public.rounds")] == [777]
