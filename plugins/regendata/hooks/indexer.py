"""An indexer database: which versions it holds, how far each is, and one consistent snapshot to copy from."""

from __future__ import annotations

import logging
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from regendata.exceptions import SourceUnavailable
from regendata.hooks.postgres import PgConnection, connect
from regendata.models.relation import Relation
from regendata.models.tables import TableSpec
from regendata.sources import catalog, row_versions
from regendata.sources.indexers import IndexerSource
from regendata.sources.row_versions import ChainRows, LastCut
from regendata.sources.versions import Candidate, ChainScore, count_query, score_query

log = logging.getLogger(__name__)

_OTHER_COLUMNS = (
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.CannotCoerce,
    psycopg.DataError,
)


class IndexerHook:
    """Read-only talk with one indexer database."""

    def __init__(self, source: IndexerSource) -> None:
        self.source = source

    def versions(self) -> list[str]:
        """Versions whose schema exists, newest first.

        :raises SourceUnavailable: the database cannot be reached, or holds no version at all.
        """
        with connect(self.source.conn_id) as conn:
            rows = conn.execute(catalog.VERSION_SCHEMAS_QUERY, [self.source.schema_pattern]).fetchall()
        versions = [str(number) for number in self.source.versions(name for (name,) in rows)]
        if not versions:
            raise SourceUnavailable(
                f"{self.source.conn_id} holds no schema named {self.source.schema_prefix}NN"
            )
        return versions

    def score(self, version: str, since: str, excluded_chains: Collection[int]) -> Candidate:
        """How far one version is indexed, per chain.

        One whose columns changed is scored by its rows alone; which columns, the contract check says better.
        """
        progress = Relation(self.source.schema(version), self.source.progress)
        queries: list[tuple[sql.Composed, list[str]]] = [
            (score_query(progress, self.source.amount, excluded_chains), [since]),
            (count_query(progress, excluded_chains), []),
        ]
        with connect(self.source.conn_id) as conn:
            for query, parameters in queries:
                try:
                    rows = conn.execute(query, parameters).fetchall()
                except psycopg.errors.UndefinedTable:
                    break  # an indexer creates the schema before its tables
                except _OTHER_COLUMNS as error:
                    log.warning("%s cannot be scored in full: %s", progress, str(error).splitlines()[0])
                else:
                    return Candidate(version, tuple(ChainScore(*row) for row in rows))
        return Candidate(version, ())

    def tables(self, version: str) -> catalog.RemoteTables:
        """Tables and columns of one version."""
        with connect(self.source.conn_id) as conn:
            rows = conn.execute(catalog.COLUMNS_QUERY, [self.source.schema(version)]).fetchall()
        return catalog.remote_tables(rows)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """One moment of the database, for as many connections as ask for it."""
        with connect(self.source.conn_id) as conn, conn.transaction():
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            row = conn.execute(
                "SELECT pg_export_snapshot(), clock_timestamp(), txid_current_snapshot()::text"
            ).fetchone()
            if row is None:
                raise SourceUnavailable(f"{self.source.conn_id} exports no snapshot")
            yield Snapshot(self.source, *row)


@dataclass(frozen=True)
class Snapshot:
    """An exported snapshot; valid while the connection that exported it stays open.

    :param transactions: those it does not see, as :meth:`Horizon.parse` reads them.
    """

    source: IndexerSource
    snapshot_id: str
    taken_at: datetime
    transactions: str

    @contextmanager
    def reader(self) -> Iterator[PgConnection]:
        """A connection of its own that sees this moment."""
        with connect(self.source.conn_id) as conn, conn.transaction():
            conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            conn.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(self.snapshot_id)))
            yield conn


def chain_fingerprints(
    conn: PgConnection,
    table: TableSpec,
    source: Relation,
    excluded_chains: Collection[int],
    last: LastCut | None,
) -> list[ChainRows]:
    """Per chain: rows and a sum over row versions, and of those newer than the last cut where there are any.

    New rows stand on the last pages of nearly every table. Where what is found there does not prove that the
    others are as they were, the whole table is looked through for newer ones.
    """
    version = conn.info.server_version
    query = row_versions.fingerprint_query(table, source, excluded_chains, version)
    rows = conn.execute(query).fetchall()
    found = [ChainRows(chain, count, digest, end=end) for chain, count, digest, end in rows]
    if last is None or row_versions.sums(found) == last.sums:
        return found
    for page in dict.fromkeys((last.page, 0)):
        newer = row_versions.newer_query(table, source, excluded_chains, version, last.horizon, page)
        found = row_versions.with_newer(found, conn.execute(newer).fetchall())
        if row_versions.only_added(last.sums, found):
            break
    return found


def table_identity(conn: PgConnection, table: TableSpec, source: Relation) -> list[tuple[object, ...]]:
    """Which table this is and what its landed columns are; see :data:`catalog.IDENTITY_QUERY`."""
    parameters = [source.schema, source.name, list(table.column_names)]
    return conn.execute(catalog.IDENTITY_QUERY, parameters).fetchall()


#: libpq gives out rows one by one; passing them on in pieces of this size costs half as much.
_PIECE_BYTES = 256 * 1024


def copy_rows(conn: PgConnection, statement: sql.Composed) -> Iterator[bytes]:
    """The bytes of a COPY TO STDOUT in larger pieces.

    :raises psycopg.Error: the source ended the COPY.
    """
    with conn.cursor() as cursor, cursor.copy(statement):
        buffer: list[bytes] = []
        size = 0
        for row in _copied(conn):
            buffer.append(row)
            size += len(row)
            if size >= _PIECE_BYTES:
                yield b"".join(buffer)
                buffer, size = [], 0
        yield b"".join(buffer)


def _copied(conn: PgConnection) -> Iterator[bytes]:
    """Rows straight from libpq: waiting only when it has none takes half the time of waiting for each."""
    while True:
        size, row = conn.pgconn.get_copy_data(1)
        if size > 0:
            yield bytes(row)
        elif size == 0:
            conn.wait(_more_input(conn.pgconn))
        else:
            _end_copy(conn)
            return


def _end_copy(conn: PgConnection) -> None:
    """Take every result, so that the connection is free again, then tell of one that failed."""
    failed = [result for result in _results(conn) if result.status != ExecStatus.COMMAND_OK]
    if failed:
        raise psycopg.errors.error_from_result(failed[0])


def _results(conn: PgConnection) -> Iterator[PGresult]:
    while True:
        while conn.pgconn.is_busy():
            conn.wait(_more_input(conn.pgconn))
        result = conn.pgconn.get_result()
        if result is None:
            return
        yield result


def _more_input(connection: PGconn) -> Generator[Wait, Ready | int, None]:
    yield Wait.R
    connection.consume_input()


def describe(chains: Sequence[ChainRows]) -> dict[str, int]:
    """Rows per chain, for ``meta.landed_table.details``."""
    return {str(one.chain): one.rows for one in chains if one.chain is not None}
