"""Roles that exist, may log in or not, and have the password of their Airflow connection."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException
from psycopg import sql

from regendata.exceptions import PermissionMismatch
from regendata.hooks.postgres import CONNECT_TIMEOUT_S, PgConnection
from regendata.publish.permissions import Role
from regendata.publish.rights import Change

_REFUSED = ("authentication failed", "not permitted to log in")


def role_changes(conn: PgConnection, role: Role) -> Iterator[Change]:
    """What brings a role to what the file says; nothing when it is so already.

    Passwords are never read: the server cannot tell them and a role that is no superuser cannot see their
    hashes. Logging in says whether the connection's password is the role's.
    """
    name = sql.Identifier(role.name)
    word = "LOGIN" if role.login else "NOLOGIN"
    row = conn.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [role.name]).fetchone()
    if row is None:
        # Who may become the role can prove what it reads, and keep its views when columns change.
        create = sql.SQL("CREATE ROLE {0} {1}; GRANT {0} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE")
        yield Change(create.format(name, sql.SQL(word)), f"+ CREATE ROLE {role.name} {word}")
    elif row[0] != role.login:
        yield Change(
            sql.SQL("ALTER ROLE {} {}").format(name, sql.SQL(word)), f"~ ALTER ROLE {role.name} {word}"
        )
    if role.connection is not None and is_known(role.connection) and not logs_in(role, role.connection):
        yield Change(
            _password(conn, role, role.connection), f"~ password of {role.name} from {role.connection}"
        )


def is_known(conn_id: str | None) -> bool:
    """Whether Airflow has a connection of this id."""
    try:
        return conn_id is not None and bool(BaseHook.get_connection(conn_id))
    except AirflowNotFoundException:
        return False


def logs_in(role: Role, conn_id: str) -> bool:
    """Whether the password of the connection opens the door.

    :raises PermissionMismatch: the connection is somebody else's.
    """
    target = BaseHook.get_connection(conn_id)
    if target.login != role.name:
        raise PermissionMismatch(f"connection {conn_id} logs in as {target.login}, not as role {role.name}")
    try:
        with psycopg.connect(
            host=target.host,
            port=target.port or 5432,
            dbname=target.schema,
            user=target.login,
            password=target.password,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name=f"regendata:{conn_id}",
        ):
            return True
    except psycopg.OperationalError as error:
        # Before a session stands libpq gives no error code, only words.
        if any(words in str(error) for words in _REFUSED):
            return False
        raise PermissionMismatch(f"{conn_id}: {str(error).splitlines()[0]}") from error


def _password(conn: PgConnection, role: Role, conn_id: str) -> sql.Composed:
    """The statement holds a SCRAM verifier: the password itself reaches neither the server nor its log."""
    secret = str(BaseHook.get_connection(conn_id).password)
    verifier = conn.pgconn.encrypt_password(secret.encode(), role.name.encode(), b"scram-sha-256")
    return sql.SQL("ALTER ROLE {} PASSWORD {}").format(
        sql.Identifier(role.name), sql.Literal(verifier.decode())
    )
