"""Round totals, by hand."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.postgres.models import rows
from tests.postgres.models.model_warehouse import ModelWarehouse, Row

VIEW = "public.round_totals"
DIRECT = "allov2.DirectAllocationStrategy"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def total(models: ModelWarehouse, **given: Any) -> Row:
    """The one row that one round gives."""
    models.insert("landing.indexer_rounds", rows.round_(**given))
    [row] = models.build(VIEW)
    return row


def test_every_column_of_a_round_with_matching(models: ModelWarehouse) -> None:
    models.insert("public.program_round_labels", rows.label(), rows.label(round_number=20, program="GG20"))
    found = total(
        models,
        total_amount_donated_in_usd=90,
        total_donations_count=12,
        unique_donors_count=4,
        match_amount_in_usd=1000,
        matching_distribution=rows.distribution(rows.share()),
    )
    assert found == {
        "program": "GG19",
        "Name": "Round one",
        "Total USD": 1090,
        "Crowdfunding USD": 90,
        "Matching USD": 1000,
        "Donations": 12,
        "Donors": 4,
        "Avg Donor Contribution": 22.5,
        "Chain": "Ethereum",
        "Indexed Time": at("2024-05-07 12:00:00"),
        "Strategy": "Allo QF",
        "Chain ID": "1",
        "Round ID": rows.ROUND,
    }


def test_matching_counts_once_it_is_distributed(models: ModelWarehouse) -> None:
    found = total(models, match_amount_in_usd=1000, total_amount_donated_in_usd=5)
    assert (found["Matching USD"], found["Total USD"], found["Avg Donor Contribution"]) == (0, 5, 0)


def test_direct_grants_count_their_payouts_and_end_with_the_last(models: ModelWarehouse) -> None:
    payouts = [rows.payout(), rows.payout(id=2, amount_in_usd=20.5, timestamp="2024-07-01 00:00:00+00")]
    models.insert("landing.indexer_applications_payouts", *payouts)
    found = total(
        models,
        strategy_name="allov2.DirectGrantsLiteStrategy",
        donations_end_time=None,
        match_amount_in_usd=7,
    )
    assert (found["Matching USD"], found["Strategy"]) == (120.5, "Direct Grants")
    assert found["Indexed Time"] == at("2024-07-01 00:00:00")


@pytest.mark.parametrize(
    ("donations_end", "payouts", "indexed"),
    [
        ("2024-05-07 12:00:00+00", [rows.payout()], "2024-05-07 12:00:00"),
        (None, [rows.payout()], "2024-06-01 00:00:00"),
        (None, [], "2024-04-01 12:00:00"),
    ],
)
def test_time_is_the_end_of_donations_else_the_last_payout_else_the_start(
    models: ModelWarehouse, donations_end: str | None, payouts: list[Row], indexed: str
) -> None:
    models.insert("landing.indexer_applications_payouts", *payouts)
    assert total(models, donations_end_time=donations_end)["Indexed Time"] == at(indexed)


@pytest.mark.parametrize(
    ("donated", "indexed"), [(True, "2023-11-22 10:06:53"), (False, "2020-01-01 00:00:00")]
)
def test_direct_donations_have_the_time_of_the_last_one(
    models: ModelWarehouse, donated: bool, indexed: str
) -> None:
    earlier = rows.donation(id="0xd0", timestamp="2023-01-01 00:00:00+00")
    models.insert("landing.indexer_donations", *[earlier, rows.donation()] * donated)
    found = total(models, strategy_name=DIRECT, applications_start_time="2020-01-01 00:00:00+00")
    assert (found["Name"], found["Strategy"]) == ("Direct Donations Round", "Direct Donations")
    assert found["Indexed Time"] == at(indexed)


@pytest.mark.parametrize(
    ("donations_end", "applications_start", "shown"),
    [
        ("2023-12-31 23:59:59+00", "2023-12-01 00:00:00+00", False),
        ("2024-01-01 00:00:00+00", "2023-12-01 00:00:00+00", True),
        (None, "2024-01-01 00:00:00+00", True),
        (None, None, False),
    ],
)
def test_rounds_count_from_2024_on(
    models: ModelWarehouse, donations_end: str | None, applications_start: str | None, shown: bool
) -> None:
    row = rows.round_(donations_end_time=donations_end, applications_start_time=applications_start)
    models.insert("landing.indexer_rounds", row)
    assert len(models.build(VIEW)) == shown


@pytest.mark.parametrize(
    ("strategy", "shown"),
    [
        (rows.MERKLE, "Allo QF"),
        ("", "Allo QF"),
        ("allov1.Direct", "Direct Grants"),
        ("other.Thing", "other.Thing"),
    ],
)
def test_strategy_has_a_label(models: ModelWarehouse, strategy: str, shown: str) -> None:
    assert total(models, strategy_name=strategy)["Strategy"] == shown


def test_maci_round_counts_transactions_and_contributors(models: ModelWarehouse) -> None:
    models.insert("landing.maci_rounds", rows.round_(id="31", strategy_name="allov2.MACIQF"))
    models.insert("landing.maci_rounds", rows.round_(id="32", chain_id=11155111))
    for number, (contributor, credits) in enumerate([("a", 1000), ("b", 2000), ("b", 3000)]):
        models.insert(
            "landing.maci_contributions",
            {
                "id": str(number),
                "round_id": "31",
                "chain_id": 1,
                "contributor_address": contributor,
                "voice_credit_balance": credits,
                "transaction_hash": f"0x{number}",
            },
        )
    [found] = models.build(VIEW)
    assert found == found | {
        "Crowdfunding USD": 180,
        "Total USD": 180,
        "Donations": 3,
        "Donors": 2,
        "Avg Donor Contribution": 90,
        "Strategy": "MACI QF",
        "Round ID": "31",
    }


def test_round_of_the_sheet_counts_from_its_time_on(models: ModelWarehouse) -> None:
    now = datetime.now(timezone.utc)
    for name, moment in (("past", now - timedelta(days=1)), ("planned", now + timedelta(days=1))):
        models.insert(
            'public."AlloRoundsOutsideIndexer"',
            {
                "timestamp": moment,
                "amount_in_usd": 1234.5,
                "desc": name,
                "network_name": "Celo",
                "strategy_name": "Retro",
            },
        )
    [found] = models.build(VIEW)
    assert found == found | {
        "program": None,
        "Name": "past",
        "Total USD": 1234.5,
        "Crowdfunding USD": 0,
        "Matching USD": 1234.5,
        "Chain": "Celo",
        "Strategy": "Retro",
        "Chain ID": "0",
        "Round ID": "0",
    }


@pytest.mark.parametrize(
    ("relation", "chain_id", "program"),
    [
        ("round_totals.program", 1, None),
        ("round_totals.program", None, None),
        ("round_totals.program", 10, "GG19"),
        ("another.relation", 1, "GG19"),
    ],
)
def test_editors_keep_a_round_out_of_its_program(
    models: ModelWarehouse, relation: str, chain_id: int | None, program: str | None
) -> None:
    models.insert("public.program_round_labels", rows.label())
    models.insert(
        "reference.excluded_rounds", {"relation": relation, "chain_id": chain_id, "round_id": rows.ROUND}
    )
    assert total(models)["program"] == program
