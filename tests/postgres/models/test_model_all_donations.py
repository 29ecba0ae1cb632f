"""Donation ids are promises: they are computed here by hand, from the text of the contract."""

from __future__ import annotations

import hashlib
import random

import pytest

from tests.postgres.models import rows
from tests.postgres.models.model_warehouse import ModelWarehouse

VIEW = "public.all_donations"


def sha256(*parts: str) -> str:
    return hashlib.sha256("".join(parts).encode()).hexdigest()


UNLABELLED = [rows.DONOR, "4.56", rows.RECIPIENT, "2023-11-22 10:06:53+00", rows.PROJECT, rows.ROUND, "1"]


def test_id_of_a_labelled_donation(one_donation: ModelWarehouse) -> None:
    one_donation.insert("public.program_round_labels", rows.label())
    [row] = one_donation.build(VIEW)
    assert row["donation_id"] == sha256("19", *UNLABELLED)
    assert row == row | {
        "round_num": 19,
        "round_name": "Round one",
        "project_name": "Project one",
        "recipient_address": rows.RECIPIENT,
        "source": "GrantsStack",
        "transaction_hash": rows.TX,
    }


def test_id_does_not_depend_on_the_time_zone_of_the_session(one_donation: ModelWarehouse) -> None:
    one_donation.connection.execute("SET TIME ZONE 'Asia/Kathmandu'")
    [row] = one_donation.build(VIEW)
    assert row["donation_id"] == sha256(*UNLABELLED)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.1, "0.1"),
        (16777216.0, "1.6777216e+07"),
        (0.30000000000000004, "0.3"),
        (1234.567, "1234.567"),
        (0, "0"),
    ],
)
def test_amount_counts_as_the_shortest_text_of_a_real(
    one_donation: ModelWarehouse, amount: float, text: str
) -> None:
    one_donation.connection.execute("UPDATE landing.indexer_donations SET amount_in_usd = %s", [amount])
    [row] = one_donation.build(VIEW)
    assert row["donation_id"] == sha256(rows.DONOR, text, *UNLABELLED[2:])


def test_unknown_parts_count_as_empty(models: ModelWarehouse) -> None:
    models.insert("landing.indexer_rounds", rows.round_())
    models.insert(
        "landing.indexer_applications", rows.application(title=None, recipient=None, project_id=None)
    )
    models.insert("landing.indexer_donations", rows.donation(donor_address=None, timestamp=None))
    [row] = models.build(VIEW)
    assert row["donation_id"] == sha256("4.56", rows.ROUND, "1")
    assert row["project_name"] is None


def test_equal_donations_stay_apart(one_donation: ModelWarehouse) -> None:
    twins = [rows.donation(id=f"0xd{n}", transaction_hash=f"0x{n}") for n in (3, 2)]
    one_donation.insert("landing.indexer_donations", *twins)
    found = {row["donation_id"]: row["transaction_hash"] for row in one_donation.build(VIEW)}
    assert found == {
        sha256(*UNLABELLED): rows.TX,
        sha256(*UNLABELLED, "#1"): "0x2",
        sha256(*UNLABELLED, "#2"): "0x3",
    }


def test_round_named_twice_in_the_sheet_gives_one_row_with_the_lower_number(
    one_donation: ModelWarehouse,
) -> None:
    one_donation.insert(
        "public.program_round_labels",
        rows.label(round_number=20),
        rows.label(round_number=18, round_id=rows.ROUND.upper().replace("X", "x")),
        rows.label(round_number=None),
        rows.label(round_number=17, chain_id=10),
    )
    assert [row["round_num"] for row in one_donation.build(VIEW)] == [18]


def test_donation_without_its_application_is_left_out(one_donation: ModelWarehouse) -> None:
    one_donation.insert(
        "landing.indexer_donations",
        rows.donation(id="0xd2", application_id="9"),
        rows.donation(id="0xd3", chain_id=10),
        rows.donation(id="0xd4", round_id="0x2"),
    )
    assert len(one_donation.build(VIEW)) == 1


def test_static_donation_keeps_its_published_id(models: ModelWarehouse) -> None:
    models.insert(
        'public."cgrantsRoundTimings"', rows.timing(3, "2019-09-15 00:00:00+00", "2019-10-04 00:00:00+00")
    )
    models.insert('public."cgrantsGrants"', rows.cgrant())
    models.insert('public."cgrantsContributions"', rows.contribution(), rows.contribution(id=2, tx_id="0xc2"))
    voter = rows.contribution()["voter_address"].lower()
    text = ["3", voter, "11", "0x91bd74", "2019-10-02 08:19:15+00", "145", "100003", "1"]
    found = models.build(VIEW)
    assert {row["donation_id"]: row["transaction_hash"] for row in found} == {
        sha256(*text): "0xc1",
        sha256(*text, "#1"): "0xc2",
    }
    assert {row["source"] for row in found} == {"CGrants"}


def test_order_of_input_rows_changes_no_id(models: ModelWarehouse) -> None:
    given = [
        rows.donation(
            id=f"0x{n}", transaction_hash=f"0xt{n}", amount_in_usd=n % 3, donor_address=f"0xd{n % 2}"
        )
        for n in range(30)
    ]
    models.insert("landing.indexer_rounds", rows.round_())
    models.insert("landing.indexer_applications", rows.application())
    models.insert("public.program_round_labels", rows.label(round_number=20), rows.label())
    seen = []
    for seed in range(3):
        random.Random(seed).shuffle(given)
        models.connection.execute("TRUNCATE landing.indexer_donations")
        models.insert("landing.indexer_donations", *given)
        seen.append({row["transaction_hash"]: row["donation_id"] for row in models.build(VIEW)})
    assert len(set(seen[0].values())) == 30
    assert seen[1] == seen[0]
    assert seen[2] == seen[0]
