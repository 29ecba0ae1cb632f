"""Ways in which a source can be wrong, each with the reason for which nothing of it is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.upstreams.server import StandIns
from tests.support.sources import SourceDatabase


@dataclass(frozen=True)
class Upstreams:
    """Everything a refresh reads, as one test may hurt it.

    :param files: folder of what the stand-ins serve.
    :param facts: hand-kept facts.
    """

    indexer: SourceDatabase
    maci: SourceDatabase
    stand_ins: StandIns
    files: Path
    facts: Path


@dataclass(frozen=True)
class Mutation:
    """One way of being wrong.

    :param reason: regular expression of what the refresh says; it names row, cell, chain, column or page.
    """

    hurt: Callable[[Upstreams], object]
    reason: str
