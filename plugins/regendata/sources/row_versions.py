"""What a source table holds, told by its row versions without reading values, and what came since a cut.

A row version is (ctid, xmin). Any insert, update or delete gives a new one or takes one away, so sums of
hashes over them tell whether rows changed; a sum is taken apart into what was there and what is new.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import sql

from regendata.models.relation import Relation
from regendata.models.tables import TableSpec
from regendata.sources.catalog import chosen

#: Server version (as libpq numbers it) from which a transaction id can be hashed as it is.
HASHES_XID = 180_000
#: From here on a range of ctids is read without reading the rest of the table.
READS_CTID_RANGES = 140_000
_SNAPSHOT = re.compile(r"(?P<xmin>\d+):(?P<xmax>\d+):(?P<running>\d+(,\d+)*)?\Z")
#: Transaction ids of rows are the lower half of those of snapshots.
_XIDS = 2**32


@dataclass(frozen=True)
class Horizon:
    """The snapshot of an earlier cut; it holds nothing of ``xmax`` and later, nor of what was running."""

    xmax: int
    running: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str | None) -> Horizon | None:
        """From ``xmin:xmax:running,...`` as Postgres prints it; None for anything else."""
        found = _SNAPSHOT.match(text or "")
        if found is None:
            return None
        running = found["running"].split(",") if found["running"] else ()
        return cls(int(found["xmax"]) % _XIDS, tuple(int(one) % _XIDS for one in running))

    def is_newer(self) -> sql.Composed:
        """Condition on a row: it was written after the snapshot, as far as its transaction id tells.

        Ids wrap around, and those of subtransactions are not listed: what follows from this has to be proved
        by the sums of :class:`ChainRows`.
        """
        running = [str(one) for one in self.running]
        return sql.SQL("(age(xmin) <= age({}::xid) OR xmin = ANY({}::xid[]))").format(
            sql.Literal(str(self.xmax)), sql.Literal(running)
        )


@dataclass(frozen=True)
class ChainRows:
    """Rows of one chain and the sum of their versions' hashes; the same for those newer than a horizon.

    :param digest: an integer too large for JSON, as text.
    :param first: lowest ctid of the newer ones; None where there are none or the server cannot tell.
    :param end: highest ctid of all; None where the server cannot tell.
    """

    chain: int | None
    rows: int
    digest: str
    new_rows: int = 0
    new_digest: str = "0"
    first: str | None = None
    last: str | None = None
    end: str | None = None

    @property
    def fact(self) -> tuple[int | None, int, str]:
        """What goes into the fingerprint of the table."""
        return self.chain, self.rows, self.digest

    @property
    def older(self) -> list[Any]:
        """Rows and digest of what is not newer."""
        return [self.rows - self.new_rows, str(int(self.digest) - int(self.new_digest))]


@dataclass(frozen=True)
class LastCut:
    """What the last cut told of a table.

    :param sums: :func:`sums` of it.
    :param page: the last that a row stood on; rows that come stand there or behind, unless room was made
        for them before it.
    """

    horizon: Horizon
    sums: Mapping[str, Sequence[Any]]
    page: int = 0

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> LastCut | None:
        """From the details of a landed table; None where they do not tell."""
        horizon = Horizon.parse(details.get("snapshot"))
        if horizon is None or "sums" not in details:
            return None
        return cls(horizon, details["sums"], int(details.get("last_page", 0)))


def last_page(chains: Iterable[ChainRows]) -> int:
    """The last page that a row stands on; 0 where nothing is known."""
    return max((_ctid(one.end)[0] for one in chains if one.end), default=0)


def sums(chains: Iterable[ChainRows]) -> dict[str, list[Any]]:
    """Rows and digest per chain, to be compared with by the next cut."""
    return {str(one.chain): [one.rows, one.digest] for one in chains}


def only_added(before: Mapping[str, Sequence[Any]], chains: Iterable[ChainRows]) -> bool:
    """Whether what is not newer holds exactly the row versions of the earlier cut.

    :param before: :func:`sums` of that cut.
    """
    older = {str(one.chain): one.older for one in chains}
    nothing: Sequence[Any] = [0, "0"]
    return all(
        list(older.get(chain, nothing)) == list(before.get(chain, nothing)) for chain in {*older, *before}
    )


def fingerprint_query(
    table: TableSpec, source: Relation, excluded_chains: Iterable[int], server_version: int
) -> sql.Composed:
    """One row per chain: chain, rows, digest, and the highest ctid as :class:`ChainRows` has them.

    What changes values without writing rows is in ``catalog.IDENTITY_QUERY``. A dump, VACUUM FULL or another
    schema changes the sums without changing rows; then the table is landed once more than needed. Integers
    only: a sum over real depends on row order. Nothing here keeps a server from scanning in parallel.

    :param server_version: of the source, such as 180006.
    """
    end = sql.SQL("max(place)::text" if server_version >= READS_CTID_RANGES else "NULL")
    return _per_chain(table, source, excluded_chains, server_version, end)


def newer_query(
    table: TableSpec,
    source: Relation,
    excluded_chains: Iterable[int],
    server_version: int,
    horizon: Horizon,
    page: int,
) -> sql.Composed:
    """One row per chain that has newer rows: chain, their rows and digest, lowest and highest ctid.

    :param page: rows before it are not looked at; what is missed the sums bring to light.
    """
    wanted = horizon.is_newer()
    ends = sql.SQL("NULL, NULL")
    if server_version >= READS_CTID_RANGES:
        ends = sql.SQL("min(place)::text, max(place)::text")
        wanted = sql.SQL("ctid >= {}::tid AND {}").format(sql.Literal(f"({page},0)"), wanted)
    return _per_chain(table, source, excluded_chains, server_version, ends, wanted)


def _per_chain(
    table: TableSpec,
    source: Relation,
    excluded_chains: Iterable[int],
    server_version: int,
    ends: sql.SQL,
    wanted: sql.Composable | None = None,
) -> sql.Composed:
    row_version = sql.SQL(
        "hashxidextended(xmin, hashtidextended(ctid, 0))"
        if server_version >= HASHES_XID
        else "hashtidextended(ctid, xmin::text::bigint)"
    )
    chain = sql.Identifier("chain_id") if "chain_id" in table.column_names else sql.SQL("NULL::integer")
    return sql.SQL(
        "SELECT chain, count(*), sum(version)::text, {ends} "
        "FROM (SELECT {chain} AS chain, {row_version} AS version, ctid AS place FROM {source}{chosen}) "
        "AS versions GROUP BY 1 ORDER BY 1"
    ).format(
        ends=ends,
        chain=chain,
        row_version=row_version,
        source=sql.Identifier(*source),
        chosen=chosen(table, excluded_chains, wanted),
    )


def with_newer(
    chains: Iterable[ChainRows], newer: Iterable[tuple[int | None, int, str, str | None, str | None]]
) -> list[ChainRows]:
    """Chains with what :func:`newer_query` found of them."""
    found = {one[0]: one[1:] for one in newer}
    nothing = (0, "0", None, None)
    return [
        replace(one, new_rows=rows, new_digest=digest, first=first, last=last)
        for one in chains
        for rows, digest, first, last in [found.get(one.chain, nothing)]
    ]


def newer_rows(horizon: Horizon, chains: Iterable[ChainRows]) -> sql.Composed:
    """Condition that is true for the rows counted as newer, within the pages they stand on."""
    ends = [(_ctid(one.first), _ctid(one.last)) for one in chains if one.first and one.last]
    condition = horizon.is_newer()
    if not ends:
        return condition
    first, last = min(one for one, _ in ends), max(one for _, one in ends)
    return sql.SQL("ctid >= {}::tid AND ctid <= {}::tid AND {}").format(
        sql.Literal(f"({first[0]},{first[1]})"), sql.Literal(f"({last[0]},{last[1]})"), condition
    )


def _ctid(text: str) -> tuple[int, int]:
    """Page and line of ``(page,line)``."""
    page, line = text.strip("()").split(",")
    return int(page), int(line)
