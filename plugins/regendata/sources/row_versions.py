"""What a source table holds, told by its row versions without reading values, and what came since a cut.

A row version is (ctid, xmin). Any insert, update or delete gives a new one or takes one away, so sums of
hashes over them tell whether rows changed; a sum is taken apart into what was there and what is new.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    """

    chain: int | None
    rows: int
    digest: str
    new_rows: int = 0
    new_digest: str = "0"
    first: str | None = None
    last: str | None = None

    @property
    def fact(self) -> tuple[int | None, int, str]:
        """What goes into the fingerprint of the table."""
        return self.chain, self.rows, self.digest

    @property
    def older(self) -> list[Any]:
        """Rows and digest of what is not newer."""
        return [self.rows - self.new_rows, str(int(self.digest) - int(self.new_digest))]


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
    table: TableSpec,
    source: Relation,
    excluded_chains: Iterable[int],
    server_version: int,
    horizon: Horizon | None = None,
) -> sql.Composed:
    """One row per chain in the shape of :class:`ChainRows`.

    What changes values without writing rows is in ``catalog.IDENTITY_QUERY``. A dump, VACUUM FULL or another
    schema changes the sums without changing rows; then the table is landed once more than needed. Integers
    only: a sum over real depends on row order.

    :param server_version: of the source, such as 180006.
    """
    row_version = sql.SQL(
        "hashxidextended(xmin, hashtidextended(ctid, 0))"
        if server_version >= HASHES_XID
        else "hashtidextended(ctid, xmin::text::bigint)"
    )
    chain = sql.Identifier("chain_id") if "chain_id" in table.column_names else sql.SQL("NULL::integer")
    # OFFSET 0 keeps Postgres from working hash and age out once for each figure.
    return sql.SQL(
        "SELECT chain, count(*), sum(version)::text{newer} "
        "FROM (SELECT {chain} AS chain, {row_version} AS version{is_new} FROM {source}{chosen}{once}) "
        "AS versions GROUP BY 1 ORDER BY 1"
    ).format(
        chain=chain,
        row_version=row_version,
        newer=_newer(server_version) if horizon else sql.SQL(""),
        once=sql.SQL(" OFFSET 0" if horizon else ""),
        is_new=_is_new(horizon) if horizon else sql.SQL(""),
        source=sql.Identifier(*source),
        chosen=chosen(table, excluded_chains),
    )


def _is_new(horizon: Horizon) -> sql.Composed:
    return sql.SQL(", ctid AS place, {} AS is_new").format(horizon.is_newer())


def _newer(server_version: int) -> sql.SQL:
    reads_ranges = server_version >= READS_CTID_RANGES
    ends = "min(place) FILTER (WHERE is_new)::text, max(place) FILTER (WHERE is_new)::text"
    return sql.SQL(
        ", count(*) FILTER (WHERE is_new), coalesce(sum(version) FILTER (WHERE is_new), 0)::text, "
        + (ends if reads_ranges else "NULL, NULL")
    )


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
