"""cGrants and Alpha donations."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.postgres.models import rows
from tests.postgres.models.model_warehouse import ModelWarehouse

VIEW = "public.static_donations"


@pytest.fixture
def cgrants(models: ModelWarehouse) -> ModelWarehouse:
    """Round 3 from 12:00 on 1 October to 12:00 on 4 October 2019, UTC, and one grant."""
    models.insert(
        'public."cgrantsRoundTimings"', rows.timing(3, "2019-10-01 12:00:00+00", "2019-10-04 12:00:00+00")
    )
    models.insert('public."cgrantsGrants"', rows.cgrant())
    return models


@pytest.mark.parametrize(
    ("created_on", "round_num"),
    [
        ("2019-10-01 12:00:00", None),
        ("2019-10-01 12:00:00.001", 3),
        ("2019-10-04 11:59:59.999", 3),
        ("2019-10-04 12:00:00", None),
        ("2021-01-01 00:00:00", None),
    ],
)
@pytest.mark.parametrize("session", ["UTC", "America/New_York"])
def test_round_holds_its_inside_in_utc(
    cgrants: ModelWarehouse, session: str, created_on: str, round_num: int | None
) -> None:
    cgrants.connection.execute(f"SET TIME ZONE '{session}'")
    cgrants.insert('public."cgrantsContributions"', rows.contribution(created_on=created_on))
    [row] = cgrants.build(VIEW)
    assert row["round_num"] == round_num
    assert row["round_name"] == ("Gitcoin Grants 3" if round_num else None)
    assert row["round_id"] == ("100003" if round_num else None)
    assert row["timestamp"] == datetime.fromisoformat(created_on).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("checkout", "chain_id"),
    [("eth_std", 1), ("eth_polygon", 137), ("eth_zksync", 324), ("eth_other", 0), (None, 0)],
)
def test_checkout_tells_the_chain(cgrants: ModelWarehouse, checkout: str | None, chain_id: int) -> None:
    cgrants.insert('public."cgrantsContributions"', rows.contribution(checkout_type=checkout))
    [row] = cgrants.build(VIEW)
    assert row["chain_id"] == chain_id


def test_contribution_takes_name_and_address_of_its_grant(cgrants: ModelWarehouse) -> None:
    cgrants.insert('public."cgrantsGrants"', rows.cgrant(id=2, name="A later copy"))
    cgrants.insert('public."cgrantsContributions"', rows.contribution(), rows.contribution(id=2, grant_id=9))
    known, unknown = sorted(cgrants.build(VIEW), key=lambda row: row["project_name"] is None)
    assert known == {
        "round_num": 3,
        "round_name": "Gitcoin Grants 3",
        "donor_address": "0xaaaa000000000000000000000000000000000001",
        "amount_in_usd": 11.0,
        "recipient_address": "0x91bd74",
        "timestamp": datetime(2019, 10, 2, 8, 19, 15, tzinfo=timezone.utc),
        "project_name": "Burner Wallet 2",
        "project_id": "145",
        "round_id": "100003",
        "chain_id": 1,
        "source": "CGrants",
        "transaction_hash": "0xc1",
    }
    assert unknown["project_id"] == "9"
    assert unknown["project_name"] is None


def test_overlapping_rounds_do_not_multiply(cgrants: ModelWarehouse) -> None:
    cgrants.insert(
        'public."cgrantsRoundTimings"', rows.timing(4, "2019-10-02 00:00:00+00", "2019-11-01 00:00:00+00")
    )
    cgrants.insert('public."cgrantsContributions"', rows.contribution())
    assert [row["round_num"] for row in cgrants.build(VIEW)] == [3]


def test_alpha_donation(models: ModelWarehouse) -> None:
    given = {"round_name": "Alpha: Climate", "usd_amount": 2.5, "block_time": "2023-01-20 10:00:00+00"}
    models.insert(
        'public."AlphaRoundsAllDonations"',
        given | {"id": 1, "title": "Trees", "donor": r"\x00AbCdEf"},
        given | {"id": 2, "title": "Nobody knows", "donor": None},
    )
    for number, address in enumerate(["0xtree", "0xother"]):
        models.insert(
            'public."AlphaRoundGranteeAddresses"', {"id": number, "title": "Trees", "address": address}
        )
    trees, unknown = sorted(models.build(VIEW), key=lambda row: row["donor_address"] is None)
    assert trees == {
        "round_num": 16,
        "round_name": "Alpha: Climate",
        "donor_address": "0x00abcdef",
        "amount_in_usd": 2.5,
        "recipient_address": "0xtree",
        "timestamp": datetime(2023, 1, 20, 10, tzinfo=timezone.utc),
        "project_name": "Trees",
        "project_id": "unknown",
        "round_id": "",
        "chain_id": 1,
        "source": "Alpha",
        "transaction_hash": None,
    }
    assert (unknown["donor_address"], unknown["recipient_address"]) == (None, None)
