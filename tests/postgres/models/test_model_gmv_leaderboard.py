"""Volume per role, split by hand, for each of the four streams."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.postgres.models import rows
from tests.postgres.models.model_warehouse import ModelWarehouse, Row

VIEW = "experimental_views.allo_gmv_leaderboard_events"
GRANTEE = rows.RECIPIENT.lower()


@pytest.fixture
def shared_round(models: ModelWarehouse) -> ModelWarehouse:
    """A round with one application, two operators (one with two roles) and two developers."""
    models.insert("landing.indexer_rounds", rows.round_())
    models.insert("landing.indexer_applications", rows.application(distribution_transaction="0xdist"))
    roles = [rows.operator(rows.OP_A), rows.operator(rows.OP_A, "admin"), rows.operator(rows.OP_B.upper())]
    models.insert("landing.indexer_round_roles", *roles)
    developers = [
        rows.developer(rows.DEV_A),
        rows.developer(rows.DEV_B),
        rows.developer(rows.DEV_B, rows.MERKLE),
    ]
    models.insert("reference.strategy_developers", *developers, rows.developer(rows.DEV_A, chain_id=10))
    return models


def credited(found: list[Row], data_source: str) -> dict[tuple[str, str], float]:
    """GMV of each role and address of one stream."""
    mine = [row for row in found if row["data_source"] == data_source]
    result = {(row["role"], row["address"]): row["gmv"] for row in mine}
    assert len(result) == len(mine)
    return result


def test_donation_is_credited_to_all_roles(shared_round: ModelWarehouse) -> None:
    shared_round.insert("landing.indexer_donations", rows.donation(amount_in_usd=10))
    found = shared_round.build(VIEW)
    assert credited(found, "donation") == {
        ("donor", rows.DONOR): 10,
        ("grantee", GRANTEE): 10,
        ("round_operator", rows.OP_A): 5,
        ("round_operator", rows.OP_B): 5,
        ("contract_dev", rows.DEV_A): 5,
        ("contract_dev", rows.DEV_B): 5,
    }
    for row in found:
        assert row == row | {
            "name": None,
            "tx_hash": rows.TX,
            "tx_timestamp": datetime(2023, 11, 22, 10, 6, 53, tzinfo=timezone.utc),
            "blockchain": "ethereum",
            "strategy_name": rows.QF,
        }


def test_donations_of_one_transaction_are_one_event_per_role_and_address(
    shared_round: ModelWarehouse,
) -> None:
    other = "0xe000000000000000000000000000000000000001"
    shared_round.insert(
        "landing.indexer_donations",
        rows.donation(id="1", amount_in_usd=0.3),
        rows.donation(id="2", amount_in_usd=0.3),
        rows.donation(id="3", amount_in_usd=0.6, recipient_address=other),
        rows.donation(id="4", amount_in_usd=0.4, transaction_hash="0xother"),
    )
    assert credited(shared_round.build(VIEW), "donation") == pytest.approx(
        {
            ("donor", rows.DONOR): 1.2,
            ("grantee", GRANTEE): 0.6,
            ("grantee", other): 0.6,
            ("round_operator", rows.OP_A): 0.6,
            ("round_operator", rows.OP_B): 0.6,
            ("contract_dev", rows.DEV_A): 0.6,
            ("contract_dev", rows.DEV_B): 0.6,
        }
    )


@pytest.mark.parametrize(("amount", "roles"), [(0.49, 0), (0.5, 2), (0.99, 2), (1.0, 6)])
def test_less_than_half_a_dollar_is_no_event(shared_round: ModelWarehouse, amount: float, roles: int) -> None:
    shared_round.insert("landing.indexer_donations", rows.donation(amount_in_usd=amount))
    assert len(shared_round.build(VIEW)) == roles


@pytest.mark.parametrize("unknown", [None, "", rows.ZERO])
def test_unknown_addresses_are_no_event_and_take_no_share(
    shared_round: ModelWarehouse, unknown: str | None
) -> None:
    shared_round.insert(
        "landing.indexer_donations", rows.donation(donor_address=unknown, recipient_address=unknown)
    )
    shared_round.insert("landing.indexer_round_roles", rows.operator(unknown or ""))
    found = credited(shared_round.build(VIEW), "donation")
    assert {role for role, _ in found} == {"round_operator", "contract_dev"}
    assert found["round_operator", rows.OP_A] == pytest.approx(2.28)


@pytest.mark.parametrize(("stored", "shown"), [("", rows.QF), (None, rows.QF), (rows.MERKLE, rows.MERKLE)])
def test_empty_strategy_means_allo_v1_qf(models: ModelWarehouse, stored: str | None, shown: str) -> None:
    models.insert("landing.indexer_rounds", rows.round_(strategy_name=stored))
    models.insert("landing.indexer_donations", rows.donation())
    models.insert("reference.strategy_developers", rows.developer(rows.DEV_A, shown))
    found = models.build(VIEW)
    assert {row["strategy_name"] for row in found} == {shown}
    assert credited(found, "donation")["contract_dev", rows.DEV_A] == pytest.approx(4.56)


def test_matching_is_credited_to_grantee_operators_and_developers(shared_round: ModelWarehouse) -> None:
    shared_round.connection.execute("TRUNCATE landing.indexer_rounds")
    paid = rows.distribution(rows.share(matchPoolPercentage=0.25), rows.share(applicationId="none"))
    shared_round.insert(
        "landing.indexer_rounds", rows.round_(matching_distribution=paid, match_amount_in_usd=40)
    )
    found = shared_round.build(VIEW)
    by_tx = {tx: [row for row in found if row["tx_hash"] == tx] for tx in ("0xdist", None)}
    expected = {
        ("grantee", GRANTEE): 10,
        ("round_operator", rows.OP_A): 5,
        ("round_operator", rows.OP_B): 5,
        ("contract_dev", rows.DEV_A): 5,
        ("contract_dev", rows.DEV_B): 5,
    }
    assert credited(by_tx["0xdist"], "distribution") == expected
    assert credited(by_tx[None], "distribution") == expected
    ended = datetime(2024, 5, 7, 12, tzinfo=timezone.utc)
    assert {row["tx_timestamp"] for row in found} == {ended}


def test_direct_payout_goes_to_the_recipient_of_the_application(shared_round: ModelWarehouse) -> None:
    payouts = [rows.payout(), rows.payout(id=2, amount_in_usd=0, transaction_hash="0xnothing")]
    shared_round.insert("landing.indexer_applications_payouts", *payouts)
    found = shared_round.build(VIEW)
    assert credited(found, "distribution") == {
        ("grantee", GRANTEE): 100,
        ("round_operator", rows.OP_A): 50,
        ("round_operator", rows.OP_B): 50,
        ("contract_dev", rows.DEV_A): 50,
        ("contract_dev", rows.DEV_B): 50,
    }
    assert {row["tx_hash"] for row in found} == {"0xpaid"}


def contribution(**given: object) -> Row:
    return {
        "id": "c1",
        "round_id": "31",
        "chain_id": 1,
        "contributor_address": rows.DONOR.upper(),
        "voice_credit_balance": 1000,
        "transaction_hash": "0xmaci",
        "timestamp": "2024-09-01 00:00:00+00",
    } | given


def test_voice_credits_are_worth_three_cents(models: ModelWarehouse) -> None:
    models.insert("landing.maci_rounds", rows.round_(id="31", strategy_name="allov2.MACIQF"))
    models.insert("landing.maci_contributions", contribution(), contribution(id="c2", chain_id=11155111))
    models.insert("landing.indexer_round_roles", rows.operator(rows.OP_A, round_id="31"))
    developers = [rows.developer(address, "MACIQF") for address in (rows.DEV_A, rows.DEV_B)]
    models.insert("reference.strategy_developers", *developers)
    found = models.build(VIEW)
    assert credited(found, "maci_contribution") == {
        ("donor", rows.DONOR): 30,
        ("round_operator", rows.OP_A): 30,
        ("contract_dev", rows.DEV_A): 15,
        ("contract_dev", rows.DEV_B): 15,
    }
    assert {row["strategy_name"] for row in found} == {"MACIQF"}


def test_dune_events_come_with_their_roles(models: ModelWarehouse) -> None:
    merkle = rows.MERKLE.removeprefix("allov2.")
    models.insert(
        "landing.dune_allo_v2_distribution_events",
        rows.dune_event(address=rows.OP_A.upper()),
        rows.dune_event(tx_hash="0xempty", strategy_name=""),
        rows.dune_event(strategy_name=merkle),
        rows.dune_event(gmv=0.49),
        rows.dune_event(address=None),
        rows.dune_event(blockchain="sepolia"),
    )
    found = {row["tx_hash"]: row for row in models.build(VIEW)}
    assert {tx: row["strategy_name"] for tx, row in found.items()} == {
        "0xd0": "EasyRPGFStrategy",
        "0xempty": rows.QF,
    }
    assert found["0xd0"] == found["0xd0"] | {
        "address": rows.OP_A,
        "role": "grantee",
        "gmv": 593.109281107814,
        "blockchain": "ethereum",
        "data_source": "dune",
    }


def test_ens_name_is_found_in_any_case_and_does_not_multiply(shared_round: ModelWarehouse) -> None:
    shared_round.insert("landing.indexer_donations", rows.donation())
    names = [{"address": rows.DONOR.upper(), "name": "bob.eth"}, {"address": rows.DONOR, "name": "alice.eth"}]
    shared_round.insert("landing.ens_names", *names)
    found = shared_round.build(VIEW)
    assert len(found) == 6
    assert {row["address"]: row["name"] for row in found if row["name"]} == {rows.DONOR: "alice.eth"}


def test_chain_without_a_name_on_dune_has_its_own_in_lower_case(models: ModelWarehouse) -> None:
    models.insert("reference.chains", rows.chain(chain_id=424, name="PGN", dune_name=None))
    models.insert("landing.indexer_donations", rows.donation(chain_id=424), rows.donation(id="2", chain_id=5))
    assert {row["blockchain"] for row in models.build(VIEW)} == {"pgn", None}


amounts = st.lists(st.floats(2**-10, 2**20, width=32), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=amounts, operators=st.integers(1, 7), shared_transactions=st.integers(1, 12))
def test_shares_of_a_transaction_add_up_to_it(
    models: ModelWarehouse, amounts: list[float], operators: int, shared_transactions: int
) -> None:
    addresses = [f"0xa{number}" for number in range(operators)]
    given_rows = [
        rows.donation(id=str(n), amount_in_usd=amount, transaction_hash=f"0x{n % shared_transactions}")
        for n, amount in enumerate(amounts)
    ]
    with models.forgotten():
        models.insert("landing.indexer_rounds", rows.round_())
        models.insert("landing.indexer_round_roles", *map(rows.operator, addresses))
        models.insert("landing.indexer_donations", *given_rows)
        found = models.build(VIEW)
    totals: dict[str, float] = {}
    for row in given_rows:
        totals[row["transaction_hash"]] = totals.get(row["transaction_hash"], 0) + row["amount_in_usd"]
    by_role = {
        role: {
            tx: sum(row["gmv"] for row in found if (row["role"], row["tx_hash"]) == (role, tx))
            for tx in totals
        }
        for role in ("donor", "round_operator")
    }
    for tx, total in totals.items():
        for role, sharers in (("donor", 1), ("round_operator", operators)):
            share = total / sharers
            if abs(share - 0.5) > 1e-6:
                assert by_role[role][tx] == pytest.approx(total if share > 0.5 else 0)
