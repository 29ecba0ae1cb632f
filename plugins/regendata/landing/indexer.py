"""Land one consistent cut of an indexer database, copying only the tables that changed."""

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

log = logging.getLogger(__name__)

#: Tables copied side by side; more than two readers do not make one source disk faster.
WORKERS = 2


@dataclass(frozen=True)
class LandingRequest:
    """What to land.

    :param excluded_chains: test networks, left at the source.
    :param accepted_losses: chains that a person allowed to disappear.
    """

    source: IndexerSource
    version: str
    run_id: str
    excluded_chains: Collection[int]
    accepted_losses: Collection[int] = ()


@dataclass(frozen=True)
class _Table:
    """One table to land: where it is, what it must look like, what it holds now."""

    spec: TableSpec
    place: Relation
    columns: tuple[catalog.RemoteColumn, ...]
    chains: Sequence[tuple[int | None, int, str]]
    fingerprint: str


def land(request: LandingRequest, project: Project, policy: LockPolicy) -> dict[str, Any]:
    """Land what changed since the last cut.

    :returns: rows per landed table, and the tables that were unchanged.
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
            tables = list(
                pool.map(lambda name: _look(request, project, remote, snapshot, name), _names(request))
            )
            _refuse_lost_chains(tables, before, {*request.accepted_losses, *request.excluded_chains})
            changed = [table for table in tables if _changed(table, before)]
            cut_id = cuts.open_cut(warehouse, name, request.version, request.run_id, loads=bool(changed))
            landed = list(pool.map(lambda table: _copy(request, snapshot, cut_id, table), changed))
        cuts.close_cut(warehouse, cut_id, name, landed, snapshot.taken_at, policy)
    return _summary(tables, landed)


def _names(request: LandingRequest) -> list[str]:
    """The table with the most rows first, so that it runs beside all the others."""
    return sorted(request.source.tables, key=lambda name: (name != request.source.progress, name))


def _look(
    request: LandingRequest, project: Project, remote: catalog.RemoteTables, snapshot: Snapshot, name: str
) -> _Table:
    spec = project.tables[request.source.landed(name)]
    place = Relation(request.source.schema(request.version), name)
    with snapshot.reader() as conn:
        identity = indexer.table_identity(conn, spec, place)
        chains = indexer.chain_fingerprints(conn, spec, place, request.excluded_chains)
    known = repr((request.version, cuts.shape_of(spec), identity, chains))
    return _Table(spec, place, remote[name], chains, hashlib.sha256(known.encode()).hexdigest())


def _changed(table: _Table, before: Mapping[Relation, Landed]) -> bool:
    landed = before.get(table.spec.relation)
    return landed is None or landed.fingerprint != table.fingerprint


def _copy(request: LandingRequest, snapshot: Snapshot, cut_id: int, table: _Table) -> Landed:
    statement = catalog.copy_out(table.spec, table.place, table.columns, request.excluded_chains)
    with snapshot.reader() as source, connect() as warehouse:
        landed = cuts.load(
            warehouse,
            cut_id,
            table.spec,
            indexer.copy_rows(source, statement),
            cuts.BINARY,
            table.fingerprint,
            {"chains": indexer.describe(table.chains), "version": request.version},
        )
    log.info("%s: %s rows in %.1f s", table.spec.relation, f"{landed.rows:,}", landed.seconds)
    return landed


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
    return {"landed": rows, "unchanged": same}
