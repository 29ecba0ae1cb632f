"""Land one consistent cut of an indexer database, copying only what changed.

A table that did not change is left alone. Of one that only gained rows since the last cut, which sums over
its row versions prove, the new rows are copied and put on top of the others; any other is copied whole.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from regendata.exceptions import ChainLost
from regendata.hooks import indexer
from regendata.hooks.indexer import IndexerHook, Snapshot
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import cuts
from regendata.hooks.warehouse.cuts import Landed
from regendata.hooks.warehouse.facades import LockPolicy
from regendata.landing.contract import check_columns
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.models.tables import TableSpec
from regendata.sources import catalog
from regendata.sources.indexers import IndexerSource
from regendata.sources.row_versions import ChainRows, LastCut, last_page, newer_rows, only_added, sums

log = logging.getLogger(__name__)

#: Tables copied side by side; more than two readers do not make one source disk faster.
WORKERS = 2
#: A table that grew by more than this since it was copied whole is copied whole again.
LARGEST_SHARE = 0.1


@dataclass(frozen=True)
class LandingRequest:
    """What to land.

    :param excluded_chains: test networks, left at the source.
    :param accepted_losses: chains that a person allowed to disappear.
    :param increments: how many times a table may be extended by new rows before it is copied whole again.
    :param whole: copy every table whole, also those that did not change.
    """

    source: IndexerSource
    version: str
    run_id: str
    excluded_chains: Collection[int]
    accepted_losses: Collection[int] = ()
    increments: int = 0
    whole: bool = False


@dataclass(frozen=True)
class _Table:
    """One table to land: where it is, what it must look like, what it holds now.

    :param identity: hash of all that makes its row versions comparable with those of another cut.
    :param last: what the last cut told of it; None when nothing is known.
    """

    spec: TableSpec
    place: Relation
    columns: tuple[catalog.RemoteColumn, ...]
    chains: Sequence[ChainRows]
    identity: str
    fingerprint: str
    last: LastCut | None

    @property
    def new_rows(self) -> int:
        return sum(one.new_rows for one in self.chains)


def land(request: LandingRequest, project: Project, policy: LockPolicy) -> dict[str, Any]:
    """Land what changed since the last cut.

    :returns: rows per landed table, the tables that were unchanged, and how each of the others was copied.
    :raises SourceColumnsChanged: a column that models need is gone or has another type.
    :raises ChainLost: rows of a chain disappeared from a table.
    """
    hook = IndexerHook(request.source)
    remote = hook.tables(request.version)
    check_columns(request.source, project, remote)
    name = request.source.name
    with connect() as warehouse:
        before = cuts.landed_tables(warehouse, name)
        with hook.snapshot() as snapshot, ThreadPoolExecutor(WORKERS) as pool:
            look = _Look(request, project, remote, snapshot, before)
            tables = list(pool.map(look.at, _names(request)))
            _refuse_lost_chains(tables, before, {*request.accepted_losses, *request.excluded_chains})
            changed = [table for table in tables if request.whole or _changed(table, before)]
            cut_id = cuts.open_cut(warehouse, name, request.version, request.run_id, loads=bool(changed))
            landed = list(pool.map(lambda table: _copy(look, cut_id, table), changed))
        cuts.close_cut(warehouse, cut_id, name, landed, snapshot.taken_at, policy)
    return _summary(tables, landed)


def _names(request: LandingRequest) -> list[str]:
    """The table with the most rows first, so that it runs beside all the others."""
    return sorted(request.source.tables, key=lambda name: (name != request.source.progress, name))


@dataclass(frozen=True)
class _Look:
    """A look at the tables of one moment, and what was landed before."""

    request: LandingRequest
    project: Project
    remote: catalog.RemoteTables
    snapshot: Snapshot
    before: Mapping[Relation, Landed]

    def at(self, name: str) -> _Table:
        source, version = self.request.source, self.request.version
        spec = self.project.tables[source.landed(name)]
        place = Relation(source.schema(version), name)
        landed = self.before.get(spec.relation)
        last = LastCut.of(landed.details) if landed else None
        with self.snapshot.reader() as conn:
            identity = indexer.table_identity(conn, spec, place)
            chains = indexer.chain_fingerprints(conn, spec, place, self.request.excluded_chains, last)
        known = (version, cuts.shape_of(spec), identity)
        fingerprint = _hashed((*known, [one.fact for one in chains]))
        return _Table(spec, place, self.remote[name], chains, _hashed(known), fingerprint, last)

    def why_whole(self, table: _Table) -> str | None:
        """Why new rows alone will not do; None when they will."""
        landed = self.before.get(table.spec.relation)
        if self.request.whole or not self.request.increments:
            return "asked for"
        if landed is None or table.last is None or landed.details.get("identity") != table.identity:
            return "nothing to compare its rows with"
        if not table.new_rows or not only_added(table.last.sums, table.chains):
            return "rows were changed or removed"
        if len(landed.parts) > self.request.increments:
            return f"extended {len(landed.parts) - 1} times since it was copied whole"
        base = int(landed.details["whole_rows"])
        if landed.rows + table.new_rows > base * (1 + LARGEST_SHARE):
            return f"grew by more than {LARGEST_SHARE:.0%} since it was copied whole"
        return None


def _hashed(facts: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _changed(table: _Table, before: Mapping[Relation, Landed]) -> bool:
    landed = before.get(table.spec.relation)
    return landed is None or landed.fingerprint != table.fingerprint


def _copy(look: _Look, cut_id: int, table: _Table) -> Landed:
    why = look.why_whole(table)
    onto = None if why else look.before[table.spec.relation]
    wanted = newer_rows(table.last.horizon, table.chains) if onto and table.last else None
    excluded = look.request.excluded_chains
    statement = catalog.copy_out(table.spec, table.place, table.columns, excluded, wanted)
    with look.snapshot.reader() as source, connect() as warehouse:
        landed = cuts.load(
            warehouse,
            cut_id,
            table.spec,
            indexer.copy_rows(source, statement),
            cuts.BINARY,
            table.fingerprint,
            _details(look, table, onto, why),
            onto,
        )
    log.info(
        "%s: %s in %.1f s: %s rows",
        table.spec.relation,
        f"copied whole ({why})" if why else f"extended by {table.new_rows:,} rows",
        landed.seconds,
        f"{landed.rows:,}",
    )
    return landed


def _details(look: _Look, table: _Table, onto: Landed | None, why: str | None) -> dict[str, Any]:
    """What the next cut compares with, and which way this one went."""
    return {
        "chains": indexer.describe(table.chains),
        "version": look.request.version,
        "identity": table.identity,
        "sums": sums(table.chains),
        "last_page": last_page(table.chains),
        "snapshot": look.snapshot.transactions,
        "whole_rows": onto.details["whole_rows"] if onto else sum(one.rows for one in table.chains),
        "way": "extended" if onto else "copied whole",
        "why": why or f"{table.new_rows:,} rows came, the others are as they were",
    }


def _refuse_lost_chains(
    tables: Sequence[_Table], before: Mapping[Relation, Landed], accepted: Collection[int]
) -> None:
    for table in tables:
        held = before[table.spec.relation].details.get("chains", {}) if table.spec.relation in before else {}
        now = indexer.describe(table.chains)
        lost = sorted(int(chain) for chain in held if chain not in now and int(chain) not in accepted)
        if lost:
            was = ", ".join(f"chain {chain} ({held[str(chain)]:,} rows)" for chain in lost)
            raise ChainLost(
                f"{table.place} has no rows any more for {was}; the last good data stays published. "
                "If that is right, trigger the DAG with these chains in accepted_chain_losses"
            )


def _summary(tables: Sequence[_Table], landed: Sequence[Landed]) -> dict[str, Any]:
    rows = {str(table.relation): table.rows for table in landed}
    same = [str(table.spec.relation) for table in tables if str(table.spec.relation) not in rows]
    ways = {str(table.relation): table.details["way"] for table in landed}
    return {"landed": rows, "unchanged": same, "ways": ways}
