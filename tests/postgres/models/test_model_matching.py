"""Matching: static, from the indexer, and both under one id."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from typing import Any

import pytest

from tests.postgres.models import rows
from tests.postgres.models.model_warehouse import ModelWarehouse

SCALED_ROUND = "0xa1d52f9b5339792651861329a046dd912761e9a9"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def insert_round(models: ModelWarehouse, distribution: dict[str, Any] | None, **given: Any) -> None:
    row = rows.round_(matching_distribution=distribution, match_amount_in_usd=1000, **given)
    models.insert("landing.indexer_rounds", row)


@pytest.mark.parametrize(
    "distribution",
    [None, rows.distribution(), {}, {"matchingDistribution": None}],
    ids=["null", "empty list", "no list", "null list"],
)
def test_round_without_distribution_gives_no_row(
    models: ModelWarehouse, distribution: dict[str, Any] | None
) -> None:
    insert_round(models, distribution)
    assert models.build("public.indexer_matching") == []


def test_each_share_is_a_row(models: ModelWarehouse) -> None:
    insert_round(
        models, rows.distribution(rows.share(), rows.share(applicationId="1", contributionsCount="3"))
    )
    first, second = sorted(models.build("public.indexer_matching"), key=lambda row: row["application_id"])
    assert first == {
        "chain_id": 1,
        "round_id": rows.ROUND,
        "round_name": "Round one",
        "project_id": rows.PROJECT,
        "project_name": "Project one",
        "application_id": "0",
        "contributions_count": 7,
        "match_amount_in_token": 2500 * 10**18,
        "match_pool_percentage": 0.25,
        "project_payout_address": rows.RECIPIENT,
        "original_match_amount_in_token": 2400 * 10**18,
        "match_amount_in_usd": 250.0,
        "timestamp": None,
    }
    assert second["contributions_count"] == 3


@pytest.mark.parametrize(
    "moment", [1715083200, "1715083200", "2024-05-07T12:00:00.000Z", "2024-05-07 12:00:00+00"]
)
def test_block_timestamp_may_be_epoch_or_text(models: ModelWarehouse, moment: object) -> None:
    insert_round(models, rows.distribution(rows.share(), blockTimestamp=moment))
    [row] = models.build("public.indexer_matching")
    assert row["timestamp"] == datetime(2024, 5, 7, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize("moment", ["", "soon", None])
def test_unreadable_block_timestamp_is_null(models: ModelWarehouse, moment: object) -> None:
    insert_round(models, rows.distribution(rows.share(), blockTimestamp=moment))
    [row] = models.build("public.indexer_matching")
    assert row["timestamp"] is None


@pytest.mark.parametrize(("chain_id", "usd"), [(137, 97.04185), (1, 97.04185e12)])
def test_known_fault_of_a_round_is_mended_there_only(
    models: ModelWarehouse, chain_id: int, usd: float
) -> None:
    models.insert(
        "reference.round_corrections",
        {"chain_id": 137, "round_id": SCALED_ROUND, "field": "matchPoolPercentage", "divisor": 10**12},
        {"chain_id": 137, "round_id": SCALED_ROUND, "field": "anotherField", "divisor": 10},
    )
    scaled = rows.distribution(rows.share(matchPoolPercentage=97041850000.0))
    insert_round(models, scaled, id=SCALED_ROUND, chain_id=chain_id)
    [row] = models.build("public.indexer_matching")
    assert row["match_amount_in_usd"] == pytest.approx(usd)
    assert row["match_pool_percentage"] == pytest.approx(usd / 1000)


def test_indexer_matching_id_has_no_round_number(models: ModelWarehouse) -> None:
    insert_round(models, rows.distribution(rows.share(matchPoolPercentage=0.019393)))
    models.insert("public.program_round_labels", rows.label(), rows.label(round_number=20))
    [row] = models.build("public.all_matching")
    usd = repr(0.019393 * 1000)
    assert row["round_num"] == 19
    assert row["matching_id"] == sha256(f"Project one{usd}{rows.RECIPIENT}{rows.PROJECT}{rows.ROUND}1")


def test_equal_or_unknown_matching_stays_apart(models: ModelWarehouse) -> None:
    bare = rows.share(projectName=None, projectPayoutAddress=None)
    insert_round(models, rows.distribution(bare, bare, bare))
    text = f"250{rows.PROJECT}{rows.ROUND}1"
    found = {row["matching_id"] for row in models.build("public.all_matching")}
    assert found == {sha256(text), sha256(f"{text}#1"), sha256(f"{text}#2")}


def test_static_matching_id_starts_with_the_round_number(models: ModelWarehouse) -> None:
    models.insert('public."cgrantsGrants"', rows.cgrant(), rows.cgrant(id=2, name="A later copy"))
    models.insert(
        'public."cgrantsMatches"',
        {
            "id": 1,
            "round_num": 3,
            "sub_round_slug": "gitcoin-main",
            "grant_id": 145,
            "match_amount": 100.59810822663,
            "payout_tx_date": "2019-12-01 00:00:00+00",
        },
    )
    [row] = models.build("public.all_matching")
    text = "3Burner Wallet 2100.598108226630x91bd74145gitcoin-main1"
    assert row == {
        "matching_id": sha256(text),
        "round_num": 3,
        "title": "Burner Wallet 2",
        "match_amount_in_usd": 100.59810822663,
        "recipient_address": "0x91bd74",
        "project_id": "145",
        "round_id": "gitcoin-main",
        "chain_id": 1,
        "timestamp": datetime(2019, 12, 1, tzinfo=timezone.utc),
    }


def test_alpha_matching_takes_its_address_by_title(models: ModelWarehouse) -> None:
    alpha = {
        "id": 1,
        "round_num": 16,
        "title": "Trees",
        "match_amount_dai": 10.5,
        "sub_round_slug": "climate",
    }
    models.insert('public."AlphaMatching"', alpha)
    models.insert('public."AlphaRoundGranteeAddresses"', {"id": 1, "title": "Trees", "address": "0xtree"})
    [row] = models.build("public.static_matching")
    assert row == {
        "round_num": 16,
        "title": "Trees",
        "match_amount_usd": 10.5,
        "payoutaddress": "0xtree",
        "project_id": "unknown",
        "round_id": "climate",
        "chain_id": 1,
        "timestamp": datetime(2023, 4, 1, tzinfo=timezone.utc),
    }
    [matching] = models.build("public.all_matching")
    assert matching["matching_id"] == sha256("16Trees10.50xtreeunknownclimate1")
