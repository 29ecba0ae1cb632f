"""Which version of an indexer's data to serve: the most complete one, and none that loses a chain."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg import sql

from regendata.exceptions import ChainLost
from regendata.models.relation import Relation

#: Versions within this share of the best one count as equally complete; then the newer one is taken.
TOLERANCE = 0.001


@dataclass(frozen=True)
class ChainScore:
    """How far one chain is indexed: rows in all, amount since the static cut-off, newest timestamp."""

    chain_id: int
    rows: int
    amount: float
    newest: datetime | None


@dataclass(frozen=True)
class Candidate:
    """One version with a score per chain."""

    version: str
    chains: tuple[ChainScore, ...]

    @property
    def chain_ids(self) -> frozenset[int]:
        return frozenset(chain.chain_id for chain in self.chains)

    def facts(self) -> dict[str, Any]:
        """The candidate for ``meta.source_version.scores``."""
        return {
            "version": self.version,
            "chains": [
                {**asdict(chain), "newest": chain.newest and chain.newest.isoformat()}
                for chain in self.chains
            ],
        }


@dataclass(frozen=True)
class Choice:
    """The version to serve and the reason in words."""

    version: str
    reason: str


def score_query(progress: Relation, amount: str, excluded_chains: Collection[int]) -> sql.Composed:
    """Rows, amount since a moment (the parameter) and newest timestamp per chain; NaN counts as nothing."""
    return sql.SQL(
        "SELECT chain_id, count(*), "
        "coalesce(sum({amount}::double precision) FILTER ("
        "WHERE timestamp::timestamptz >= %s AND {amount} <> 'NaN'), 0), "
        "max(timestamp::timestamptz) "
        "FROM {progress} WHERE chain_id <> ALL({excluded}) GROUP BY chain_id ORDER BY chain_id"
    ).format(
        amount=sql.Identifier(amount),
        progress=sql.Identifier(*progress),
        excluded=sql.Literal(sorted(excluded_chains)),
    )


def count_query(progress: Relation, excluded_chains: Collection[int]) -> sql.Composed:
    """Rows per chain alone, in the shape of :func:`score_query`."""
    return sql.SQL(
        "SELECT chain_id, count(*), 0::double precision, NULL::timestamptz FROM {progress} "
        "WHERE chain_id <> ALL({excluded}) GROUP BY chain_id ORDER BY chain_id"
    ).format(progress=sql.Identifier(*progress), excluded=sql.Literal(sorted(excluded_chains)))


def choose(candidates: Sequence[Candidate], must_have: Collection[int], source: str) -> Choice:
    """Take the most complete candidate.

    Completeness is the share of its weakest chain: rows and amount, each relative to the best candidate.
    Among equals the mean share over all chains decides, then the newer version.

    :param candidates: newest version first; at least one.
    :param must_have: chains that were served until now and must not disappear.
    :raises ChainLost: every candidate lacks a chain of ``must_have``.
    """
    # A chain that only a version still being indexed has must not make that version win.
    wanted = frozenset(must_have) or frozenset().union(*(one.chain_ids for one in candidates))
    whole = [candidate for candidate in candidates if frozenset(must_have) <= candidate.chain_ids]
    if not whole:
        raise ChainLost(f"{source}: {_losses(candidates, must_have)}; the last good data stays published")
    shares = {candidate.version: _shares(candidate, candidates, wanted) for candidate in whole}
    weakest = {version: min(values, default=1.0) for version, values in shares.items()}
    mean = {version: sum(values) / len(values) if values else 1.0 for version, values in shares.items()}
    chosen = _best(_best(whole, weakest), mean)[0]
    return Choice(chosen.version, _reason(chosen, candidates, weakest, must_have))


def _best(candidates: Sequence[Candidate], scores: Mapping[str, float]) -> list[Candidate]:
    best = max(scores[candidate.version] for candidate in candidates)
    return [candidate for candidate in candidates if scores[candidate.version] >= best - TOLERANCE]


def _shares(candidate: Candidate, candidates: Sequence[Candidate], wanted: Collection[int]) -> list[float]:
    mine = {chain.chain_id: chain for chain in candidate.chains}
    return [0.0 if chain_id not in mine else _share(mine[chain_id], candidates) for chain_id in wanted]


def _share(chain: ChainScore, candidates: Sequence[Candidate]) -> float:
    rivals = [other for rival in candidates for other in rival.chains if other.chain_id == chain.chain_id]
    most_rows = max(rival.rows for rival in rivals)
    most_amount = max(rival.amount for rival in rivals)
    return min(
        chain.rows / most_rows if most_rows else 1.0, chain.amount / most_amount if most_amount > 0 else 1.0
    )


def _reason(
    chosen: Candidate,
    candidates: Sequence[Candidate],
    scores: Mapping[str, float],
    must_have: Collection[int],
) -> str:
    parts = [f"version {chosen.version} is {scores[chosen.version]:.1%} complete on its weakest chain"]
    for other in candidates:
        if other is chosen:
            continue
        if other.version in scores:
            parts.append(f"version {other.version} {scores[other.version]:.1%}")
        else:
            parts.append(f"version {other.version} refused: {_missing(other, must_have)}")
    return "; ".join(parts)


def _losses(candidates: Sequence[Candidate], must_have: Collection[int]) -> str:
    return "; ".join(
        f"version {candidate.version} {_missing(candidate, must_have)}" for candidate in candidates
    )


def _missing(candidate: Candidate, must_have: Collection[int]) -> str:
    missing = sorted(frozenset(must_have) - candidate.chain_ids)
    return f"has no rows for chain {', '.join(map(str, missing))}"
