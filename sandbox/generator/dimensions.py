"""The small tables a sandbox is made from: rounds and applications, before money arrives.

Both the generated and the real data come down to these rows; the SQL in sql/ does the rest.
Field names are the columns of the staging tables (sql/staging.sql).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

CORRECTED_ROUND = "0xa1d52f9b5339792651861329a046dd912761e9a9"

QF = "allov1.QF"
DIRECT = "allov1.Direct"
MERKLE = "allov2.DonationVotingMerkleDistributionDirectTransferStrategy"
DIRECT_GRANTS_LITE = "allov2.DirectGrantsLiteStrategy"
DIRECT_ALLOCATION = "allov2.DirectAllocationStrategy"
MACI_QF = "allov2.MACIQF"
PAYOUT_STRATEGIES = (DIRECT, DIRECT_GRANTS_LITE)


@dataclass(frozen=True)
class Round:
    """A funding round. `matching` says what rounds.matching_distribution holds: 'null', 'empty', 'real',
    'timed' (with blockTimestamp as a number), 'timed_text' (as text), 'inflated' (percentages 10^12 too
    large), or 'given' (take `matching_distribution` as it is)."""

    round_no: int
    chain_id: int
    id: str
    round_metadata: dict[str, Any] | None
    strategy_name: str | None
    program_id: str
    created_at: datetime
    first_donation_at: datetime
    last_donation_at: datetime
    open_ended: bool = False
    donation_count: int = 0
    first_donation_no: int = 0
    match_amount_in_usd: float | None = None
    matching: str = "null"
    matching_distribution: dict[str, Any] | None = None
    archive_only: bool = False


@dataclass(frozen=True)
class Application:
    """An application of a project to a round. `rank` numbers the approved ones of a round from 0; only these
    get donations. `donation_count` and `donation_micros` (millionths of a dollar) are set where the totals
    are known beforehand."""

    application_no: int
    round_no: int
    id: str
    rank: int | None
    project_id: str
    recipient: str
    status: str
    metadata: dict[str, Any] | None
    created_at: datetime
    donation_count: int | None = None
    donor_count: int | None = None
    donation_micros: int | None = None


@dataclass(frozen=True)
class Label:
    """A line of the program_round_labels sheet."""

    round_number: int | None
    program: str
    type: str
    chain_name: str
    chain_id: int
    round_id: str
    matching_pool: float | None


@dataclass(frozen=True)
class Dimensions:
    """Everything of one database that is small enough for Python."""

    rounds: list[Round]
    applications: list[Application]
    labels: list[Label] = field(default_factory=list)
