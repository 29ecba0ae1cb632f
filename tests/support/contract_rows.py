"""What the contract says is published, put together in Python from source tables and archive files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sandbox.generator import sheets
from tests.support.published_ids import float4, float8, joined, timestamptz
from tests.support.sources import SourceDatabase

SEPOLIA = 11155111
INFLATED_ROUND, INFLATION = "0xa1d52f9b5339792651861329a046dd912761e9a9", 1e12
CHAIN_OF_CHECKOUT = {"eth_std": 1, "eth_polygon": 137, "eth_zksync": 324}
Row = dict[str, Any]


@dataclass(frozen=True)
class ContractRows:
    """Texts whose hashes are the published ids."""

    source: SourceDatabase
    archives: Path
    version: str = "87"

    def donation_texts(self) -> Iterator[str]:
        """One text per row of all_donations."""
        yield from self._indexer_donations()
        yield from self._cgrants_donations()
        yield from self._alpha_donations()

    def matching_texts(self) -> Iterator[str]:
        """One text per row of all_matching."""
        yield from self._indexer_matching()
        yield from self._cgrants_matching()
        yield from self._alpha_matching()

    def _indexer_donations(self) -> Iterator[str]:
        for donation in self._merged("donations", "id"):
            key = (donation["application_id"], donation["chain_id"], donation["round_id"])
            if key not in self._applications:
                continue
            found = self._applications[key]
            yield joined(
                self._labels.get((donation["chain_id"], donation["round_id"].lower())),
                donation["donor_address"],
                float4(donation["amount_in_usd"]),
                ((found["metadata"] or {}).get("application") or {}).get("recipient"),
                timestamptz(donation["timestamp"]),
                found["project_id"],
                donation["round_id"],
                donation["chain_id"],
            )

    def _cgrants_donations(self) -> Iterator[str]:
        for gift in self._parquet("cgrants/cgrantsContributions"):
            given_at = gift["created_on"].replace(tzinfo=timezone.utc)
            number = self._cgrants_round(given_at)
            yield joined(
                number,
                gift["voter_address"].lower(),
                float4(gift["amountUSD"]),
                self._grants.get(gift["grant_id"], {}).get("payoutaddress"),
                timestamptz(given_at),
                gift["grant_id"],
                None if number is None else 100_000 + number,
                CHAIN_OF_CHECKOUT.get(gift["checkout_type"], 0),
            )

    def _alpha_donations(self) -> Iterator[str]:
        for gift in self._csv("alpha/AlphaRoundsAllDonations"):
            yield joined(
                16,
                "0x" + gift["donor"].removeprefix("\\x").lower(),
                float4(float(gift["usd_amount"])),
                self._grantees.get(gift["title"]),
                timestamptz(datetime.fromisoformat(gift["block_time"])),
                "unknown",
                "",
                1,
            )

    def _indexer_matching(self) -> Iterator[str]:
        for round_ in self._merged("rounds", "id", "chain_id"):
            for share in (round_["matching_distribution"] or {}).get("matchingDistribution") or []:
                percentage = float(share["matchPoolPercentage"])
                usd = percentage * float(round_["match_amount_in_usd"])
                yield joined(
                    share.get("projectName"),
                    float8(usd / INFLATION if round_["id"] == INFLATED_ROUND else usd),
                    share.get("projectPayoutAddress"),
                    share.get("projectId"),
                    round_["id"],
                    round_["chain_id"],
                )

    def _cgrants_matching(self) -> Iterator[str]:
        for match in self._parquet("cgrants/cgrantsMatches"):
            grant = self._grants.get(match["grant_id"], {})
            yield joined(
                match["round_num"],
                grant.get("name"),
                float8(match["match_amount"]),
                grant.get("payoutaddress"),
                match["grant_id"],
                match["sub_round_slug"],
                1,
            )

    def _alpha_matching(self) -> Iterator[str]:
        for match in self._csv("alpha/AlphaMatching"):
            amount = float8(float(match["match_amount_dai"]))
            address = self._grantees.get(match["title"])
            yield joined(
                match["round_num"], match["title"], amount, address, "unknown", match["sub_round_slug"], 1
            )

    @cached_property
    def _applications(self) -> dict[tuple[Any, ...], Row]:
        rows = self._merged("applications", "id", "chain_id", "round_id")
        return {(row["id"], row["chain_id"], row["round_id"]): row for row in rows}

    @cached_property
    def _labels(self) -> dict[tuple[int, str], int]:
        """Lowest program round number per chain and round, for lines of the sheet that have one."""
        found: dict[tuple[int, str], int] = {}
        for line in self._sheet("program_round_labels"):
            if line["round_number"]:
                key = int(line["chain_id"]), line["round_id"].lower()
                number = int(line["round_number"].removeprefix("GG"))
                found[key] = min(number, found.get(key, number))
        return found

    @cached_property
    def _grants(self) -> dict[int, Row]:
        rows = sorted(self._parquet("cgrants/cgrantsGrants"), key=lambda row: -row["id"])
        return {row["grantid"]: row for row in rows}

    @cached_property
    def _grantees(self) -> dict[str, str]:
        rows = sorted(self._csv("alpha/AlphaRoundGranteeAddresses"), key=lambda row: -int(row["id"]))
        return {row["title"]: row["address"] for row in rows}

    @cached_property
    def _timings(self) -> list[Row]:
        return self._parquet("cgrants/cgrantsRoundTimings")

    def _cgrants_round(self, moment: datetime) -> int | None:
        """The round whose open interval holds the moment."""
        found = [row["round_num"] for row in self._timings if row["start_date"] < moment < row["end_date"]]
        return min(found, default=None)

    def _merged(self, table: str, *key: str) -> list[Row]:
        """Live rows, then archived ones whose key no live row has; the test network is in neither."""
        live = [row for row in self._live(table) if row["chain_id"] != SEPOLIA]
        keys = {tuple(row[name] for name in key) for row in live}
        archived = self._parquet(f"indexer_chain_data_75/{table}")
        kept = [row for row in archived if row["chain_id"] != SEPOLIA]
        return live + [row for row in kept if tuple(row[name] for name in key) not in keys]

    def _live(self, table: str) -> list[Row]:
        return self.source.dicts(f"SELECT * FROM chain_data_{self.version}.{table}")

    def _parquet(self, stem: str) -> list[Row]:
        rows = pq.read_table(self.archives / f"{stem}.parquet").to_pylist()
        return [_readable(row) for row in rows]

    def _sheet(self, tab: str) -> list[Row]:
        path = self.archives.parent / "upstreams" / sheets.FILE
        header, *lines = json.loads(path.read_text(encoding="utf-8"))["tabs"][tab]
        return [dict(zip(header, line, strict=True)) for line in lines]

    def _csv(self, stem: str) -> list[Row]:
        with (self.archives / f"{stem}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def _readable(row: Row) -> Row:
    """JSON columns as values: an archive holds them as text."""
    columns = ("metadata", "matching_distribution")
    texts = {name: row[name] for name in columns if isinstance(row.get(name), str)}
    return {**row, **{name: json.loads(text) for name, text in texts.items()}}
