"""Contracts of readers: read and checked at once, and complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from regendata import paths
from regendata.exceptions import ModelFileError
from regendata.models.contracts import Loss, load_contracts, read_contract, who_breaks
from regendata.models.project import load_project
from regendata.models.relation import Relation

READERS = {
    "qf_calculator",
    "gmv_leaderboard",
    "open_source_observer",
    "grants_data",
    "notebook",
    "metabase",
    "token_metrics",
    "public_api",
}
SYSTEMS = ("grants", "grants_daily", "token_metrics")
#: What readers are known to read, beyond the whole of what is published.
READ = {
    "qf_calculator": {
        "public.rounds": "id chain_id round_metadata total_amount_donated_in_usd total_donations_count "
        "unique_donors_count donations_start_time donations_end_time match_token_address match_amount "
        "match_amount_in_usd strategy_name matching_distribution",
        "public.applications": "id chain_id round_id project_id status metadata",
        "public.donations": "id chain_id round_id application_id donor_address recipient_address project_id "
        "transaction_hash block_number token_address timestamp amount amount_in_usd "
        "amount_in_round_match_token",
        "public.passport_model_scores": "address model data_human_probability data_score updated_at",
        'public."Passport"': "userAddress score scoreTimestamp updatedAt stamps",
    },
    "gmv_leaderboard": {
        "experimental_views.allo_gmv_leaderboard_events": "name address role gmv tx_timestamp tx_hash "
        "blockchain strategy_name data_source",
    },
    "open_source_observer": {
        "public.all_donations": "donation_id source timestamp round_id round_num round_name chain_id "
        "project_id project_name amount_in_usd recipient_address donor_address transaction_hash",
        "public.all_matching": "matching_id timestamp round_id round_num chain_id project_id title "
        "recipient_address match_amount_in_usd",
        "public.project_lookup": "group_id project_id source",
        "public.project_groups_summary": "group_id title total_amount_donated application_count "
        "latest_created_application latest_created_project_id latest_website latest_payout_address "
        "latest_project_twitter latest_project_github latest_source first_created_project_id first_website "
        "first_payout_address first_project_twitter first_project_github first_source",
    },
}

CONTRACT = """
reader: A reader
relations:
  public.rounds: {id: text, status: text}
  public.other: {id: text}
probes:
  open rounds: SELECT r.id FROM public.rounds AS r WHERE r.status = 'open';
  all: SELECT * FROM public.rounds, public.other AS o
"""


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "reader.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_reader_has_a_contract() -> None:
    assert {contract.name for contract in load_contracts(paths.CONTRACTS)} == READERS


@pytest.mark.parametrize(("reader", "relation"), [(reader, name) for reader in READ for name in READ[reader]])
def test_what_readers_are_known_to_read_is_promised(reader: str, relation: str) -> None:
    contract = next(one for one in load_contracts(paths.CONTRACTS) if one.name == reader)
    assert set(READ[reader][relation].split()) <= set(contract.relations[Relation.parse(relation)])


def test_everything_published_is_promised_to_metabase_and_only_that_to_anybody() -> None:
    models = {relation for system in SYSTEMS for relation in load_project(system).models}
    published = {relation for relation in models if relation.schema in ("public", "experimental_views")}
    contracts = {contract.name: contract for contract in load_contracts(paths.CONTRACTS)}
    assert set(contracts["metabase"].relations) == published
    served = published | {relation for relation in models if relation.schema == "token_metrics"}
    for contract in contracts.values():
        assert set(contract.relations) <= served
        assert {relation for probe in contract.probes for relation in probe.reads} <= served
        assert len(contract.probes) >= 2


def test_who_breaks(tmp_path: Path) -> None:
    contract = read_contract(_file(tmp_path, CONTRACT))
    rounds = Relation("public", "rounds")
    assert who_breaks([contract], rounds, "status") == (Loss("A reader", "text", ("open rounds",)),)
    assert who_breaks([contract], rounds, "id") == (Loss("A reader", "text", ("open rounds",)),)
    assert who_breaks([contract], Relation("public", "other"), "id") == (Loss("A reader", "text", ()),)
    assert who_breaks([contract], rounds, "name") == ()


def test_a_probe_runs_on_the_relations_of_a_build(tmp_path: Path) -> None:
    _, probe = read_contract(_file(tmp_path, CONTRACT)).probes
    rounds, other = Relation("public", "rounds"), Relation("public", "other")
    assert probe.reads == (rounds, other)
    places = {rounds: Relation("build_7", "rounds"), other: Relation("build_6", "other")}
    assert probe.pointed_at(places) == "SELECT * FROM build_7.rounds AS rounds, build_6.other AS o"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "is a mapping of reader, about, relations, probes"),
        ("reader: [", "is not YAML"),
        ("reader: A", "needs a `reader` and its `relations`"),
        ("relations: {public.rounds: {id: text}}", "needs a `reader`"),
        (CONTRACT + "until: never", "unknown key 'until'; known: reader, about, relations, probes"),
        ("reader: A\nrelations: {rounds: {id: text}}", "relations: not a schema-qualified name: 'rounds'"),
        ("reader: A\nrelations: {public.rounds: [id]}", "public.rounds must be a mapping of column to type"),
        (
            "reader: A\nrelations: {public.rounds: {id: 5}}",
            "public.rounds must be a mapping of column to type",
        ),
        (CONTRACT + "  bad: SELECT id FROM rounds", "probe 'bad': .*'rounds' is no CTE"),
        (CONTRACT + "  bad: DELETE FROM public.rounds", "probe 'bad': .*exactly one SELECT"),
        (CONTRACT + "  bad: SELECT 1", "probe 'bad' reads no relation"),
    ],
)
def test_refused(tmp_path: Path, text: str, message: str) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(ModelFileError, match=message) as refused:
        read_contract(path)
    assert str(refused.value).startswith(str(path))
