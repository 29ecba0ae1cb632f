"""Reads the real files; every problem names the file."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sandbox.generator import passport
from sandbox.generator.exceptions import MissingData, UnexpectedData

Row = dict[str, str]
REQUIRED = (
    "applications_beta_2023.jsonl.gz",
    "rounds_matching_distribution.jsonl.gz",
    "gitcoin_allo_grants.csv",
    "gg20_projects_2024-05-21.csv",
    "all_rounds.csv",
    "cgrantsContributions_round3.csv",
    "cgrantsGrants_round3.csv",
    "cGrantsByRound.csv",
    "AlphaRoundFundingWithWalletsGithubs.csv",
    "qfvotes.json",
    "projects-list.json",
    "allov2_distributions_oct22_2024.csv",
    "model_scores_gg22_shape.parquet",
    "registry_score_sample.jsonl",
)


@dataclass(frozen=True)
class RealFiles:
    """The folder `grants` of real data."""

    folder: Path

    @classmethod
    def of(cls, data: Path) -> RealFiles:
        """The files in `data`/grants.

        :raises MissingData: one of them is absent.
        """
        folder = data / "grants"
        for name in REQUIRED:
            if not (folder / name).is_file():
                raise MissingData(folder / name)
        return cls(folder)

    def rows(self, name: str, *needed: str) -> list[Row]:
        """Lines of a CSV file as dictionaries of text.

        :raises UnexpectedData: the header lacks one of the needed columns.
        """
        path = self.folder / name
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            absent = set(needed) - set(reader.fieldnames or ())
            if absent:
                raise UnexpectedData(path, f"no column {', '.join(sorted(absent))}")
            return list(reader)

    def copy_passport(self, folder: Path) -> None:
        """Passport's files, under the names they have in production."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.folder / "model_scores_gg22_shape.parquet", folder / passport.SCORES)
        shutil.copyfile(self.folder / "registry_score_sample.jsonl", folder / passport.STAMPS)

    def document(self, name: str) -> Any:
        """A JSON file."""
        return self._parsed(name, (self.folder / name).read_text(encoding="utf-8"))

    def documents(self, name: str) -> list[dict[str, Any]]:
        """One JSON object per line of a gzip file."""
        with gzip.open(self.folder / name, "rt", encoding="utf-8") as file:
            return [self._parsed(name, line) for line in file]

    def _parsed(self, name: str, text: str) -> Any:
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise UnexpectedData(self.folder / name, f"not JSON: {error}") from error

    @cached_property
    def allo_grants(self) -> list[Row]:
        columns = ("project_id", "round_id", "chain_id", "amount_usd", "grant_address", "round_date")
        return self.rows("gitcoin_allo_grants.csv", *columns)

    @cached_property
    def gg20(self) -> list[Row]:
        columns = ("chain_id", "round_id", "total_donations_count", "total_amount_donated_in_usd")
        return self.rows("gg20_projects_2024-05-21.csv", *columns)

    @cached_property
    def sheet(self) -> list[Row]:
        return self.rows("all_rounds.csv", "chain_id", "round_id", "round_number", "starting_time")

    @cached_property
    def distributions(self) -> list[dict[str, Any]]:
        return self.documents("rounds_matching_distribution.jsonl.gz")

    @cached_property
    def beta_applications(self) -> list[dict[str, Any]]:
        return self.documents("applications_beta_2023.jsonl.gz")
