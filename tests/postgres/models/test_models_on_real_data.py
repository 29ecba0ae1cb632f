"""The models on rows that really happened: Dune events, matching distributions, cGrants round 3."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sandbox.layout import REPOSITORY
from tests.postgres.models import rows
from tests.postgres.models.model_warehouse import ModelWarehouse

GRANTS = Path(os.environ.get("REGENDATA_REAL_DATA") or REPOSITORY.parent / "shared" / "data") / "grants"
pytestmark = pytest.mark.skipif(
    not GRANTS.is_dir(), reason=f"the real data is not at {GRANTS.parent} (set REGENDATA_REAL_DATA)"
)


def read_csv(name: str) -> list[dict[str, str]]:
    with (GRANTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_json_lines(name: str) -> list[dict[str, Any]]:
    with gzip.open(GRANTS / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_no_dune_event_is_lost_and_signatures_are_the_predecessors(models: ModelWarehouse) -> None:
    events = read_csv("allov2_distributions_oct22_2024.csv")
    columns = ("blockchain", "tx_timestamp", "tx_hash", "address", "role", "strategy_name")
    models.insert(
        "landing.dune_allo_v2_distribution_events",
        *({name: event[name] for name in columns} | {"gmv": event["number_of_points"]} for event in events),
    )
    found = models.build("public.allov2_distribution_events_for_leaderboard")
    ranked = sorted(
        events,
        key=lambda e: (
            e["tx_timestamp"],
            e["role"],
            e["address"],
            float(e["number_of_points"]),
            e["tx_hash"],
        ),
    )
    # Whole numbers are the exception: pandas wrote 5.0, Postgres writes 5.
    expected = {
        number: hashlib.sha256(
            f"{e['tx_timestamp']}{e['tx_hash']}{e['address']}{_shortest(e['number_of_points'])}{e['role']}{number}".encode()
        ).hexdigest()
        for number, e in enumerate(ranked, start=1)
    }
    assert len(events) - len({tuple(e.values()) for e in events}) == 78
    assert {row["row_number"]: row["event_signature"] for row in found} == expected


def _shortest(number: str) -> str:
    return repr(float(number)).removesuffix(".0")


def test_every_share_of_the_matching_has_its_published_id(models: ModelWarehouse) -> None:
    rounds = read_json_lines("rounds_matching_distribution.jsonl.gz")
    for row in rounds:
        models.insert(
            "landing.indexer_rounds",
            {
                "id": row["id"],
                "chain_id": row["chain_id"],
                "match_amount_in_usd": 1000,
                "matching_distribution": row["matching_distribution"],
            },
        )
    found = models.build("public.all_matching")
    shares = [
        (r["chain_id"], r["id"], s)
        for r in rounds
        for s in r["matching_distribution"]["matchingDistribution"]
    ]
    assert len(found) == len(shares) == 2496
    texts = {
        f"{s['projectName']}{_shortest(s['matchPoolPercentage'] * 1000)}{s['projectPayoutAddress']}"
        f"{s['projectId']}{round_id}{chain_id}"
        for chain_id, round_id, s in shares
    }
    published = {hashlib.sha256(text.encode()).hexdigest() for text in texts}
    assert len(published) > 2400
    assert published <= {row["matching_id"] for row in found}


def test_cgrants_round_3_keeps_every_contribution(models: ModelWarehouse) -> None:
    contributions = read_csv("cgrantsContributions_round3.csv")
    grants = read_csv("cgrantsGrants_round3.csv")
    columns = ("id", "voter_address", "grant_id", "created_on", "amountUSD", "checkout_type", "tx_id")
    models.insert(
        'public."cgrantsContributions"', *({name: row[name] for name in columns} for row in contributions)
    )
    models.insert(
        'public."cgrantsGrants"',
        *({n: row[n] for n in ("grantid", "name", "payoutaddress")} for row in grants),
    )
    models.insert(
        'public."cgrantsRoundTimings"', rows.timing(3, "2019-09-15 00:00:00+00", "2019-10-05 00:00:00+00")
    )
    found = models.build("public.all_donations")
    assert len(found) == len({row["donation_id"] for row in found}) == len(contributions) == 2216
    inside = [
        row for row in contributions if "2019-09-15T00:00:00Z" < row["created_on"] < "2019-10-05T00:00:00Z"
    ]
    assert sum(row["round_num"] == 3 for row in found) == len(inside) > 1000
    usd = sum(float(row["amountUSD"]) for row in contributions)
    assert sum(row["amount_in_usd"] for row in found) == pytest.approx(usd, rel=1e-6)
    assert Counter(row["project_name"] for row in found) == Counter(
        {g["grantid"]: g["name"] for g in grants}.get(row["grant_id"]) for row in contributions
    )
