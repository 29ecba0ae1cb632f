"""What a sandbox is filled with: one bundle for generated data, one for real (real/)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.generator import cgrants, dune, indexer, passport, sheets
from sandbox.generator.archives import Archive, generated_archives
from sandbox.generator.dimensions import Dimensions
from sandbox.generator.versions import Draws

if TYPE_CHECKING:
    from psycopg import sql


@dataclass(frozen=True)
class Source:
    """Rounds and applications, the query that draws their donations, archives, Dune's events, sheets.

    :param passport: writes Passport's files into a folder.
    :param contributions: query for cgrantsContributions, None where `archives` holds them.
    """

    dimensions: Dimensions
    draws: Draws
    archives: list[Archive]
    events: Iterable[dict[str, Any]]
    sheets: Mapping[str, sheets.Tab]
    passport: Callable[[Path], None]
    contributions: sql.Composed | None


def generated_source(scale: int) -> Source:
    """Made-up data with `scale` live donations."""
    donors = indexer.donor_count(scale)
    dimensions = indexer.generated_dimensions(scale)
    return Source(
        dimensions=dimensions,
        draws=indexer.generated_draws(scale),
        archives=generated_archives(scale, donors),
        events=dune.generated_events(scale),
        sheets={
            "program_round_labels": sheets.round_labels(dimensions.labels),
            "AlloRoundsOutsideIndexer": sheets.rounds_outside_indexer(),
            "manual_project_links": sheets.project_links(dimensions.applications),
        },
        passport=partial(passport.write_passport, donors=donors),
        contributions=cgrants.contributions_query(scale, donors),
    )


def source_for(scale: int, data: Path | None) -> Source:
    """Generated data, or the real files of a folder."""
    if data is None:
        return generated_source(scale)
    from sandbox.generator.real import real_source

    return real_source(data, scale)
