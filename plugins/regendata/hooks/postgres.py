"""Connections to Postgres databases, by Airflow connection id."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from airflow.providers.postgres.hooks.postgres import PostgresHook

from regendata.exceptions import SourceUnavailable

WAREHOUSE = "grants_db"
CONNECT_TIMEOUT_S = 20

#: An open psycopg 3 connection.
PgConnection = psycopg.Connection[Any]


@contextmanager
def connect(conn_id: str = WAREHOUSE) -> Iterator[PgConnection]:
    """An autocommit session in UTC; transactions are opened where they are meant.

    :raises SourceUnavailable: naming connection, host and database, without the password.
    """
    # Published ids hash timestamps as text: the session's zone is part of their format.
    hook = PostgresHook(
        postgres_conn_id=conn_id,
        options=f"-c timezone=UTC -c application_name=regendata:{conn_id}",
        log_sql=False,
    )
    try:
        connection = cast("PgConnection", hook.get_conn())
    except psycopg.OperationalError as error:
        target = hook.connection
        raise SourceUnavailable(
            f"{conn_id}: cannot reach {target.schema} at {target.host}:{target.port}: {_first_line(error)}"
        ) from error
    with connection:
        connection.autocommit = True
        yield connection


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
