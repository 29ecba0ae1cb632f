"""Fills a sandbox: both source databases, archives, Passport's files, and what the stand-ins serve.

A marker file, written last, says what a sandbox was filled with: a run that was killed is simply done again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.generator import archives, cdr_market, dune, indexer, maci, sheets
from sandbox.generator.files import write_checksums
from sandbox.generator.source import Source, source_for
from sandbox.upstreams import relay_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.layout import Sandbox

PACKAGE = Path(__file__).parent
MARKER = "seeded.json"


@dataclass(frozen=True)
class Readers:
    """Roles that may read the source databases; None where there is no such role."""

    indexer: str | None = None
    maci: str | None = None


NO_READERS = Readers()


def seed(sandbox: Sandbox, scale: int, data: Path | None = None) -> None:
    """Fill the sandbox anew with `scale` live donations, or with the real files in `data`.

    Does nothing where it is filled with just that already. PostgreSQL must be running.

    :raises MissingData: a file of the real data is absent.
    """
    if is_seeded(sandbox, scale, data):
        return
    source = source_for(scale, data)
    marker = sandbox.root / MARKER
    marker.unlink(missing_ok=True)
    fill_databases(
        source, sandbox.dsn("indexer"), sandbox.dsn("maci"), scale, Readers("indexer_reader", "maci_reader")
    )
    write_files(source, sandbox.dsn("indexer"), sandbox.archives, sandbox.upstreams)
    source.passport(sandbox.passport)
    cdr_market.write_market(sandbox.upstreams / cdr_market.FILE, sandbox.cdr_inputs, data)
    relay_rows.offer_real(data, sandbox.upstreams)
    marker.write_text(json.dumps(_content(scale, data)), encoding="utf-8")


def is_seeded(sandbox: Sandbox, scale: int, data: Path | None = None) -> bool:
    """Whether the sandbox holds exactly what `seed` would put there now."""
    marker = sandbox.root / MARKER
    return marker.exists() and json.loads(marker.read_text(encoding="utf-8")) == _content(scale, data)


def fill_databases(
    source: Source, indexer_dsn: str, maci_dsn: str, scale: int, readers: Readers = NO_READERS
) -> None:
    """Replace all schema versions of both source databases; MACI is generated whatever the source."""
    indexer.fill(indexer_dsn, source.dimensions, source.draws, readers.indexer)
    maci.fill(maci_dsn, maci.generated_maci(scale), indexer.donor_count(scale), readers.maci)


def write_files(source: Source, indexer_dsn: str, archive_folder: Path, upstream_folder: Path) -> None:
    """Write archives with checksums, Dune's events and the sheets; `fill_databases` must have run."""
    archives.clear(archive_folder)
    archives.write_records(archive_folder, source.archives)
    if source.contributions:
        archives.write_contributions(indexer_dsn, archive_folder, source.contributions)
    archives.write_frozen_indexer(indexer_dsn, archive_folder)
    write_checksums(archive_folder)
    dune.write_events(upstream_folder / dune.FILE, source.events)
    sheets.write_sheets(upstream_folder / sheets.FILE, source.sheets)


def _content(scale: int, data: Path | None) -> dict[str, object]:
    """What decides the rows: scale, the real files, and this package itself."""
    return {
        "scale": scale,
        "data": _digest([*data.glob("grants/*"), *data.glob("cdr_market/*")]) if data else None,
        "generator": _digest(path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".sql"}),
    }


def _digest(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()
