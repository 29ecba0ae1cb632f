"""A session that may only read, for one request of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from airflow.sdk.exceptions import AirflowNotFoundException
from psycopg import sql
from psycopg.rows import dict_row

from regendata.exceptions import SourceUnavailable
from regendata.hooks.postgres import PgConnection, connect

#: A role that may read what analysts may, and nothing else.
CONN_ID = "metabase_db"
#: A page that takes longer is not worth the wait, nor the load.
STATEMENT_TIMEOUT = "5s"

Row = dict[str, Any]


@contextmanager
def reading() -> Iterator[PgConnection]:
    """One read-only session.

    :raises SourceUnavailable: no such connection, nobody answers, a table is missing, or it took too long.
    """
    try:
        with connect(CONN_ID) as conn:
            # psycopg's own `read_only` speaks of transactions that it begins; in autocommit it begins none.
            conn.execute("SET default_transaction_read_only = on")
            conn.execute(sql.SQL("SET statement_timeout = {}").format(sql.Literal(STATEMENT_TIMEOUT)))
            yield conn
    except AirflowNotFoundException as error:
        raise SourceUnavailable(f"Airflow has no connection {CONN_ID}") from error
    except psycopg.errors.UndefinedTable as error:
        raise SourceUnavailable(f"{CONN_ID}: nothing was refreshed in this warehouse yet") from error
    except psycopg.Error as error:
        raise SourceUnavailable(f"{CONN_ID}: {type(error).__name__}") from error


def rows(conn: PgConnection, query: str, parameters: Mapping[str, Any]) -> list[Row]:
    """All rows as mappings."""
    return conn.cursor(row_factory=dict_row).execute(query, parameters).fetchall()


def stands(conn: PgConnection, relation: str) -> bool:
    """Whether a relation exists; one of a newer version does not before the next run has begun."""
    query = "SELECT to_regclass(%(name)s) IS NOT NULL AS stands"
    return bool(rows(conn, query, {"name": relation})[0]["stands"])
