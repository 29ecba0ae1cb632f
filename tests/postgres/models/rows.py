"""Rows of the source tables: each function fills in what a test does not care about."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]

DONOR = "0xd000000000000000000000000000000000000001"
RECIPIENT = "0xAbC0000000000000000000000000000000000002"
ROUND = "0x1000000000000000000000000000000000000001"
PROJECT = "0x" + "ab" * 32
ZERO = "0x" + "0" * 40
TX = "0x" + "7a" * 32
OP_A = "0xa000000000000000000000000000000000000001"
OP_B = "0xa000000000000000000000000000000000000002"
DEV_A = "0xb000000000000000000000000000000000000001"
DEV_B = "0xb000000000000000000000000000000000000002"
QF = "allov1.QF"
MERKLE = "allov2.DonationVotingMerkleDistributionDirectTransferStrategy"


def chain(**given: Any) -> Row:
    return {"chain_id": 1, "name": "Ethereum", "dune_name": "ethereum", "is_test": False} | given


SEPOLIA = chain(chain_id=11155111, name="Sepolia", dune_name="sepolia", is_test=True)


def round_(**given: Any) -> Row:
    return {
        "id": ROUND,
        "chain_id": 1,
        "round_metadata": {"name": "Round one"},
        "strategy_name": QF,
        "donations_end_time": "2024-05-07 12:00:00+00",
        "applications_start_time": "2024-04-01 12:00:00+00",
    } | given


def application(*, title: str | None = "Project one", recipient: str | None = RECIPIENT, **given: Any) -> Row:
    """:param title, recipient: values in the metadata; None leaves the key away."""
    project = {"title": title} if title is not None else {}
    paid = {"recipient": recipient} if recipient is not None else {}
    return {
        "id": "0",
        "chain_id": 1,
        "round_id": ROUND,
        "project_id": PROJECT,
        "metadata": {"application": {"project": project, **paid}},
    } | given


def donation(**given: Any) -> Row:
    return {
        "id": "0xd1",
        "chain_id": 1,
        "round_id": ROUND,
        "application_id": "0",
        "donor_address": DONOR,
        "recipient_address": RECIPIENT.lower(),
        "project_id": PROJECT,
        "transaction_hash": TX,
        "timestamp": "2023-11-22 10:06:53+00",
        "amount_in_usd": 4.56,
    } | given


def payout(**given: Any) -> Row:
    return {
        "id": 1,
        "chain_id": 1,
        "application_id": "0",
        "round_id": ROUND,
        "amount_in_usd": 100.0,
        "transaction_hash": "0xpaid",
        "timestamp": "2024-06-01 00:00:00+00",
    } | given


def operator(address: str, role: str = "manager", **given: Any) -> Row:
    return {"chain_id": 1, "round_id": ROUND, "address": address, "role": role} | given


def developer(address: str, strategy_name: str = QF, chain_id: int = 1) -> Row:
    return {"strategy_name": strategy_name, "chain_id": chain_id, "address": address}


def label(**given: Any) -> Row:
    return {"round_number": 19, "program": "GG19", "chain_id": 1, "round_id": ROUND} | given


def share(**given: Any) -> Row:
    """One element of a matching distribution, as the indexer writes it."""
    return {
        "projectId": PROJECT,
        "projectName": "Project one",
        "applicationId": "0",
        "matchPoolPercentage": 0.25,
        "contributionsCount": 7,
        "matchAmountInToken": "2500000000000000000000",
        "originalMatchAmountInToken": "2400000000000000000000",
        "projectPayoutAddress": RECIPIENT,
    } | given


def distribution(*shares: Row, **given: Any) -> Row:
    """A value of rounds.matching_distribution."""
    return {"matchingDistribution": list(shares), **given}


def contribution(**given: Any) -> Row:
    """A cGrants contribution."""
    return {
        "id": 1,
        "voter_address": "0xAAAA000000000000000000000000000000000001",
        "grant_id": 145,
        "created_on": "2019-10-02 08:19:15",
        "amountUSD": 11.0,
        "checkout_type": "eth_std",
        "tx_id": "0xc1",
    } | given


def cgrant(**given: Any) -> Row:
    return {"id": 1, "grantid": 145, "name": "Burner Wallet 2", "payoutaddress": "0x91bd74"} | given


def timing(round_num: int, start: str, end: str) -> Row:
    return {"id": round_num, "round_num": round_num, "start_date": start, "end_date": end}


def dune_event(**given: Any) -> Row:
    return {
        "blockchain": "ethereum",
        "tx_timestamp": "2024-09-23 12:58:53+00",
        "tx_hash": "0xd0",
        "address": OP_A,
        "role": "grantee",
        "gmv": 593.109281107814,
        "strategy_name": "EasyRPGFStrategy",
    } | given
