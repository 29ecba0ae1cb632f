"""Generated funding rounds, 2023 to 2025, over the chains the indexer knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from sandbox.generator.dimensions import (
    CORRECTED_ROUND,
    DIRECT,
    DIRECT_ALLOCATION,
    DIRECT_GRANTS_LITE,
    MERKLE,
    PAYOUT_STRATEGIES,
    QF,
    Label,
    Round,
)
from sandbox.generator.identity import address, digest, draw, shares, zipf_weights
from sandbox.generator.vocabulary import round_name

FIRST_ROUND = datetime(2023, 1, 10, tzinfo=timezone.utc)
LAST_ROUND = datetime(2025, 4, 20, tzinfo=timezone.utc)
ALLO_V2 = datetime(2024, 3, 1, tzinfo=timezone.utc)
SEI_LAUNCH = datetime(2024, 9, 1, tzinfo=timezone.utc)
DONATION_WINDOW = timedelta(days=14)
SEPOLIA, PGN, POLYGON = 11155111, 424, 137
BASE_ROUNDS, ARCHIVE_ROUNDS = 40, 4
ARCHIVE_ONLY_PERCENT = 6

V1_CHAINS = (10, 1, 424, 137, 10, SEPOLIA, 42161, 250, 10, 324, 424, 8453, 1, 43114, 534352)
V2_CHAINS = (42161, 10, 1, 8453, 534352, SEPOLIA, 42161, 43114, 137, 324, 250)
LATE_CHAINS = (1329, 42161, 10, 8453, SEPOLIA, 534352, 1, 43114)
V1_STRATEGIES = (QF, QF, DIRECT, QF, "", QF, QF)
V2_STRATEGIES = (MERKLE, MERKLE, DIRECT_GRANTS_LITE, MERKLE, DIRECT_ALLOCATION, None, MERKLE, "", MERKLE)
MATCHINGS = ("real", "timed", "null", "real", "empty", "timed_text")
CHAIN_NAMES = {
    1: "ETH", 10: "OP", 137: "MATIC", 250: "FTM", 324: "ZKSYNC", 424: "PGN", 1329: "SEI", 8453: "BASE",
    42161: "ARB", 43114: "AVAX", 534352: "SCROLL", SEPOLIA: "SEPOLIA",
}  # fmt: skip


def generated_rounds(scale: int) -> list[Round]:
    """Live rounds with `scale` donations dealt out to them, then rounds that only the archive knows."""
    count = scale // 1_000 + BASE_ROUNDS
    live = [_corrected(_round(number, count)) for number in range(count)]
    archived = [_archived(count + k) for k in range(ARCHIVE_ROUNDS)]
    first_archived = scale
    return _with_donations(live, scale, 0) + _with_donations(
        archived, scale * ARCHIVE_ONLY_PERCENT // 100, first_archived
    )


def _round(number: int, count: int) -> Round:
    created_at = FIRST_ROUND + (LAST_ROUND - FIRST_ROUND) * number / count
    created_at = created_at.replace(microsecond=0)
    allo_v2 = created_at >= ALLO_V2
    strategies = V2_STRATEGIES if allo_v2 else V1_STRATEGIES
    strategy = strategies[number % len(strategies)]
    takes_donations = strategy not in PAYOUT_STRATEGIES
    return Round(
        round_no=number,
        chain_id=_chain(number, created_at),
        id=str(number + 1) if allo_v2 else address("round", number),
        round_metadata=_metadata(number),
        strategy_name=strategy,
        program_id="0x" + digest("program", number % 17),
        created_at=created_at,
        first_donation_at=created_at + timedelta(days=35),
        last_donation_at=created_at + timedelta(days=35) + DONATION_WINDOW,
        open_ended=strategy == DIRECT_ALLOCATION or not takes_donations,
        match_amount_in_usd=float(5_000 * (1 + int(40 * draw("pool", number)))) if takes_donations else 0.0,
        matching=MATCHINGS[number % len(MATCHINGS)] if takes_donations else "null",
    )


def _chain(number: int, created_at: datetime) -> int:
    if created_at < ALLO_V2:
        return V1_CHAINS[number % len(V1_CHAINS)]
    chains = LATE_CHAINS if created_at >= SEI_LAUNCH else V2_CHAINS
    return chains[number % len(chains)]


def _metadata(number: int) -> dict[str, Any] | None:
    """round_metadata as round managers pin it; the indexer stores null where the pin was never found."""
    if number % 23 == 19:
        return None
    return {
        "name": round_name(number),
        "roundType": "public",
        "eligibility": {
            "description": f"Projects of {round_name(number)}",
            "requirements": [{"requirement": "Open source"}, {"requirement": "No scams"}],
        },
        "quadraticFundingConfig": {
            "matchingFundsAvailable": 5_000 * (1 + int(40 * draw("pool", number))),
            "matchingCap": number % 3 == 0,
            "matchingCapAmount": 10 if number % 3 == 0 else None,
            "minDonationThreshold": number % 4 == 0,
            "minDonationThresholdAmount": 1 if number % 4 == 0 else None,
            "sybilDefense": "passport",
        },
    }


def _corrected(round_: Round) -> Round:
    """The fourth round stands for the real one whose percentages were published 10^12 too large."""
    if round_.round_no != 3:
        return round_
    return replace(
        round_, id=CORRECTED_ROUND, chain_id=POLYGON, strategy_name=QF, open_ended=False,
        match_amount_in_usd=50_000.0, matching="inflated",
    )  # fmt: skip


def _archived(number: int) -> Round:
    created_at = FIRST_ROUND + timedelta(days=100 + 30 * (number % ARCHIVE_ROUNDS))
    return replace(
        _round(number, number + 1),
        id=address("round", number),
        chain_id=PGN if number % ARCHIVE_ROUNDS else 1,
        strategy_name=QF,
        open_ended=False,
        created_at=created_at,
        first_donation_at=created_at + timedelta(days=35),
        last_donation_at=created_at + timedelta(days=35) + DONATION_WINDOW,
        match_amount_in_usd=25_000.0,
        matching="real",
        archive_only=True,
    )


def _with_donations(rounds: list[Round], donations: int, first_no: int) -> list[Round]:
    """Deal donations out to the rounds that take them, a few rounds getting most."""
    drawn = zipf_weights(len(rounds), 2, "donations", first_no > 0)
    weights = [weight * _appeal(round_) for weight, round_ in zip(drawn, rounds, strict=True)]
    dealt: list[Round] = []
    for round_, count in zip(rounds, shares(donations, weights), strict=True):
        dealt.append(replace(round_, donation_count=count, first_donation_no=first_no))
        first_no += count
    return dealt


def _appeal(round_: Round) -> float:
    """Direct grants take no donations, and a test network few."""
    if round_.strategy_name in PAYOUT_STRATEGIES:
        return 0.0
    return 0.2 if round_.chain_id == SEPOLIA else 1.0


def generated_labels(rounds: list[Round]) -> list[Label]:
    """Sheet lines for about half of the rounds; some without a number, one entered twice."""
    labels = [_label(round_) for round_ in rounds if round_.round_no % 2 == 1]
    return labels + labels[:1]


def _label(round_: Round) -> Label:
    number = 17 + round_.round_no % 7
    numbered = round_.round_no % 9 != 5
    return Label(
        round_number=number if numbered else None,
        program=f"GG{number}" if numbered else "Citizens' Round",
        type=("program", "community", "independent")[round_.round_no % 3],
        chain_name=CHAIN_NAMES[round_.chain_id],
        chain_id=round_.chain_id,
        round_id=round_.id.lower(),
        matching_pool=round_.match_amount_in_usd,
    )
