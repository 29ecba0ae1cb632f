"""What holds for any input: no row lost or multiplied, ids unique and independent of the order of rows."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.postgres.models import rows
from tests.postgres.models.model_warehouse import ModelWarehouse

# Small ranges, so that equal rows, shared keys and missing parents come up often.
CHAINS = st.sampled_from([1, 10, rows.SEPOLIA["chain_id"]])
ROUNDS = st.sampled_from(["0x1", "2"])
NUMBERS = st.sampled_from(["0", "1", "2"])
keys = st.fixed_dictionaries({"chain_id": CHAINS, "round_id": ROUNDS, "application_id": NUMBERS})
donations = st.lists(
    st.builds(
        lambda key, **given: rows.donation(**key, **given),
        keys,
        id=st.integers(0, 15).map(str),
        donor_address=st.sampled_from([None, "", rows.DONOR]),
        amount_in_usd=st.sampled_from([None, 0, 0.5, 4.56]),
        timestamp=st.sampled_from([None, "2024-01-01 00:00:00+00", "2024-01-01 00:00:00.5+00"]),
    ),
    max_size=14,
    unique_by=lambda row: row["id"],
)
applications = st.lists(
    st.builds(
        lambda key, **given: rows.application(
            id=key["application_id"], chain_id=key["chain_id"], round_id=key["round_id"], **given
        ),
        keys,
        project_id=st.sampled_from([None, "", rows.PROJECT]),
        recipient=st.sampled_from([None, rows.RECIPIENT]),
    ),
    max_size=8,
    unique_by=lambda row: (row["chain_id"], row["round_id"], row["id"]),
)
labels = st.lists(
    st.builds(rows.label, chain_id=CHAINS, round_id=ROUNDS, round_number=st.sampled_from([None, 18, 19])),
    max_size=4,
)
contributions = st.lists(
    st.builds(rows.contribution, grant_id=st.sampled_from([None, 145]), tx_id=st.sampled_from(["", "0xc1"])),
    max_size=4,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    live=donations,
    archived=donations,
    apps=applications,
    sheet=labels,
    cgrants=contributions,
    seed=st.randoms(),
)
def test_all_donations_loses_and_multiplies_nothing(
    models: ModelWarehouse, live: list, archived: list, apps: list, sheet: list, cgrants: list, seed: Any
) -> None:
    given_rows = {
        "landing.indexer_donations": live,
        "static_indexer_chain_data_75.donations": archived,
        "landing.indexer_applications": apps,
        "public.program_round_labels": sheet,
        'public."cgrantsContributions"': cgrants,
    }
    first = _ids(models, given_rows)
    for some in given_rows.values():
        seed.shuffle(some)
    assert _ids(models, given_rows) == first
    assert len(set(first)) == len(first) == _expected_count(live, archived, apps) + len(cgrants)


def _ids(models: ModelWarehouse, given_rows: dict[str, list[rows.Row]]) -> list[str]:
    with models.forgotten():
        for relation, some in given_rows.items():
            models.insert(relation, *some)
        return sorted(row["donation_id"] for row in models.build("public.all_donations"))


def _expected_count(live: list[rows.Row], archived: list[rows.Row], apps: list[rows.Row]) -> int:
    known = {(app["chain_id"], app["round_id"], app["id"]) for app in apps}
    live_ids = {row["id"] for row in live}
    shown = [*live, *(row for row in archived if row["id"] not in live_ids)]
    return sum(
        row["chain_id"] != rows.SEPOLIA["chain_id"]
        and (row["chain_id"], row["round_id"], row["application_id"]) in known
        for row in shown
    )
