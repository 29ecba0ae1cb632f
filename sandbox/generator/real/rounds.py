"""Real Allo rounds.

Real: id, chain, name, program, dates (but for GG21 and GG22), pool, distribution, labels.
Derived: the strategy (from the kind of id), the end where unknown (two weeks), the creation date, and the
name of a round only its distribution tells of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.generator.dimensions import MERKLE, QF, Label, Round
from sandbox.generator.identity import digest
from sandbox.generator.real.files import RealFiles, Row
from sandbox.generator.rounds import PGN

Key = tuple[int, str]
"""Chain and lower-case round id."""
WINDOW = timedelta(days=14)
LEAD = timedelta(days=35)
SHEET_TIME = "%m/%d/%Y %H:%M"
GG20_START = datetime(2024, 4, 23, 12, tzinfo=timezone.utc)
PROGRAM_STARTS = {
    21: datetime(2024, 8, 7, 12, tzinfo=timezone.utc),
    22: datetime(2024, 10, 23, 12, tzinfo=timezone.utc),
}
"""Announced start of programs whose rounds have no date in the sheet."""


@dataclass
class RoundFacts:
    """What the files together say about one round."""

    name: str = ""
    program: str = ""
    start: datetime | None = None
    end: datetime | None = None
    pool: float | None = None
    distribution: dict[str, Any] | None = field(default=None, repr=False)


def key_of(row: Row) -> Key:
    return int(row["chain_id"]), row["round_id"].lower()


def real_rounds(files: RealFiles) -> list[Round]:
    """All rounds any file speaks of, oldest first."""
    facts = _gathered(files)
    dated = sorted(facts.items(), key=lambda item: (_start(item[1]), item[0]))
    return [_round(number, key, fact) for number, (key, fact) in enumerate(dated)]


def _gathered(files: RealFiles) -> dict[Key, RoundFacts]:
    facts: dict[Key, RoundFacts] = {}
    for row in files.allo_grants:
        fact = facts.setdefault(key_of(row), RoundFacts())
        fact.name, fact.program = row["round_name"].strip(), row["program_address"]
        fact.start = _utc(datetime.fromisoformat(row["round_date"]))
    for row in files.gg20:
        fact = facts.setdefault(key_of(row), RoundFacts(start=GG20_START))
        fact.name = row["round_name"].strip()
    for row in files.sheet:
        _add_sheet_line(facts.setdefault(key_of(row), RoundFacts()), row)
    for document in files.distributions:
        fact = facts.setdefault((document["chain_id"], document["id"].lower()), RoundFacts())
        fact.distribution = document["matching_distribution"]
        fact.pool = document["match_amount_in_usd_implied"] or fact.pool
    return facts


def _add_sheet_line(fact: RoundFacts, row: Row) -> None:
    fact.name = fact.name or row["round_name"].strip()
    fact.pool = fact.pool or _number(row["matching_pool"])
    if row["starting_time"]:
        fact.start = fact.start or _utc(datetime.strptime(row["starting_time"], SHEET_TIME))
        fact.end = _utc(datetime.strptime(row["ending_time"], SHEET_TIME))
    elif row["round_number"]:
        fact.start = fact.start or PROGRAM_STARTS.get(int(row["round_number"]))


def _start(fact: RoundFacts) -> datetime:
    """Rounds known by their distribution alone are put among the rounds of their time."""
    return fact.start or datetime(2023, 8, 15, tzinfo=timezone.utc)


def _round(number: int, key: Key, fact: RoundFacts) -> Round:
    chain_id, round_id = key
    start = _start(fact)
    end = fact.end if fact.end and fact.end > start else start + WINDOW
    return Round(
        round_no=number,
        chain_id=chain_id,
        id=round_id,
        round_metadata={"name": fact.name or f"Round {round_id[:8]}", "roundType": "public"},
        strategy_name=QF if round_id.startswith("0x") else MERKLE,
        program_id=fact.program or "0x" + digest("program", number),
        created_at=start - LEAD,
        first_donation_at=start,
        last_donation_at=end,
        match_amount_in_usd=fact.pool,
        matching="given" if fact.distribution else "null",
        matching_distribution=fact.distribution,
        # The live indexer no longer reads PGN; its rounds stand in the frozen copy.
        archive_only=chain_id == PGN,
    )


def real_labels(files: RealFiles) -> Iterator[Label]:
    """The sheet of program labels as it was."""
    for row in files.sheet:
        yield Label(
            round_number=int(row["round_number"]) if row["round_number"] else None,
            program=row["program"],
            type=row["type"],
            chain_name=row["chain_name"],
            chain_id=int(row["chain_id"]),
            round_id=row["round_id"].lower(),
            matching_pool=_number(row["matching_pool"]),
        )


def _number(text: str) -> float | None:
    return float(text.replace(",", "")) if text else None


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=timezone.utc)
