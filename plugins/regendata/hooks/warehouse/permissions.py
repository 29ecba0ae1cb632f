"""Applying ``include/permissions.yaml`` and proving it by the server's own word."""

from __future__ import annotations

from collections.abc import Iterable

from regendata.exceptions import PermissionMismatch
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.schema import ensure_schemas
from regendata.models.relation import Relation
from regendata.publish.permissions import GRANTABLE_QUERY, UNREADABLE_QUERY, ReadAccess, grant_statements


def apply_permissions(conn: PgConnection, accesses: Iterable[ReadAccess]) -> int:
    """Grant what the file says, then ask for every relation whether the role can read it.

    :returns: number of roles.
    :raises PermissionMismatch: a role does not exist, or cannot read a relation it should.
    """
    roles = 0
    for access in accesses:
        _refuse_unknown_role(conn, access.role)
        ensure_schemas(conn, access.schemas)
        with conn.transaction():
            for statement in grant_statements(access, _grantable(conn, access)):
                conn.execute(statement)
        _refuse_unreadable(conn, access)
        roles += 1
    return roles


def _refuse_unknown_role(conn: PgConnection, role: str) -> None:
    if conn.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
        raise PermissionMismatch(f"role {role} of the permissions file does not exist; create it first")


def _grantable(conn: PgConnection, access: ReadAccess) -> list[Relation]:
    rows = conn.execute(GRANTABLE_QUERY, {"role": access.role, "schemas": list(access.schemas)}).fetchall()
    return [Relation(*row) for row in rows]


def _refuse_unreadable(conn: PgConnection, access: ReadAccess) -> None:
    rows = conn.execute(UNREADABLE_QUERY, {"role": access.role, "schemas": list(access.schemas)}).fetchall()
    if rows:
        names = ", ".join(name for (name,) in rows)
        raise PermissionMismatch(f"role {access.role} cannot read {names}; who owns it must grant it")
