"""Dune events: numbered, signed, none lost."""

from __future__ import annotations

import hashlib

from tests.postgres.models import rows
from tests.postgres.models.model_warehouse import ModelWarehouse

VIEW = "public.allov2_distribution_events_for_leaderboard"
TABLE = "landing.dune_allo_v2_distribution_events"


def signature(moment: str, event: rows.Row, number: int) -> str:
    """As the predecessor signed the row, with the time in Dune's own writing."""
    text = f"{moment}{event['tx_hash']}{event['address']}{event['gmv']}{event['role']}{number}"
    return hashlib.sha256(text.encode()).hexdigest()


def test_events_are_ranked_by_time_role_address_and_volume(models: ModelWarehouse) -> None:
    later = rows.dune_event(tx_timestamp="2024-09-24 00:00:00.5+00", role="contract_dev")
    operator = rows.dune_event(role="round_operator")
    grantees = [
        rows.dune_event(address=a, gmv=g) for a, g in [(rows.OP_B, 0.25), (rows.OP_A, 2.5), (rows.OP_A, 1.5)]
    ]
    models.insert(TABLE, later, operator, *grantees)
    found = {row["row_number"]: row["event_signature"] for row in models.build(VIEW)}
    moment = "2024-09-23 12:58:53.000 UTC"
    assert found == {
        1: signature(moment, grantees[2], 1),
        2: signature(moment, grantees[1], 2),
        3: signature(moment, grantees[0], 3),
        4: signature(moment, operator, 4),
        5: signature("2024-09-24 00:00:00.500 UTC", later, 5),
    }


def test_equal_events_stay_apart(models: ModelWarehouse) -> None:
    models.insert(TABLE, *[rows.dune_event()] * 3)
    found = models.build(VIEW)
    assert sorted(row["row_number"] for row in found) == [1, 2, 3]
    assert len({row["event_signature"] for row in found}) == 3


def test_events_with_nulls_and_apostrophes_are_kept(models: ModelWarehouse) -> None:
    models.insert(TABLE, rows.dune_event(strategy_name="Owner's", address=None, gmv=None), {"role": None})
    found = models.build(VIEW)
    assert {row["strategy_name"] for row in found} == {"Owner's", None}
    assert all(row["event_signature"] for row in found)
