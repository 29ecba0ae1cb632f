"""Bringing the warehouse to what ``include/permissions.yaml`` says, and proving it as each role."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg

from regendata.exceptions import PermissionMismatch
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import rights, roles
from regendata.hooks.warehouse.schema import ensure_schemas
from regendata.hooks.warehouse.servers import sync_server
from regendata.publish.permissions import Permissions, Role
from regendata.publish.rights import Change, Right, beyond, diff, wanted

log = logging.getLogger(__name__)
#: Any constant; two refreshes never grant at the same time.
_ADVISORY_LOCK = 7_231_002


@dataclass(frozen=True)
class Applied:
    """What was done and found; lines hold no secret.

    :param changes: one line per statement; empty when everything was as it should be.
    :param left_alone: roles outside the file, rights the engine cannot take away, passwords and servers
        without a connection.
    :param read_as: per role, relations it has read from in proof.
    """

    changes: tuple[str, ...]
    left_alone: tuple[str, ...]
    read_as: dict[str, int]


def apply_permissions(conn: PgConnection, permissions: Permissions) -> Applied:
    """Apply the difference between file and catalog, then read from everything as each role.

    :raises PermissionMismatch: the engine may not make a change, or a role cannot read what it should.
    """
    ensure_schemas(conn, permissions.schemas)
    # A system of its own may share this warehouse without knowing the sources of another.
    known = {name: conn_id for name, conn_id in permissions.servers.items() if roles.is_known(conn_id)}
    servers = [line for name, conn_id in known.items() for line in sync_server(conn, name, conn_id)]
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
        changes = [
            *_apply(conn, _role_changes(conn, permissions)),
            *_apply(conn, _right_changes(conn, permissions)),
        ]
    left_alone = tuple(_left_alone(conn, permissions))
    for line in (*servers, *changes, *(f"left alone: {one}" for one in left_alone)):
        log.info("%s", line)
    read_as = {role.name: _prove(conn, role, permissions.readable(role)) for role in permissions.roles}
    return Applied((*servers, *changes), left_alone, read_as)


def _role_changes(conn: PgConnection, permissions: Permissions) -> list[Change]:
    return [change for role in permissions.roles for change in roles.role_changes(conn, role)]


def _right_changes(conn: PgConnection, permissions: Permissions) -> list[Change]:
    should, held = _should(conn, permissions), _held(conn, permissions)
    return diff(should, held.all, held.revocable)


def _should(conn: PgConnection, permissions: Permissions) -> frozenset[Right]:
    return wanted(permissions, rights.relations(conn, permissions.schemas, own=True))


def _held(conn: PgConnection, permissions: Permissions) -> rights.HeldRights:
    return rights.held_rights(conn, [role.name for role in permissions.roles], permissions.schemas)


def _apply(conn: PgConnection, changes: Sequence[Change]) -> list[str]:
    for change in changes:
        try:
            conn.execute(change.statement)
        except psycopg.ProgrammingError as error:
            raise PermissionMismatch(
                f"{change.line}: {str(error).splitlines()[0]}. "
                "The engine needs CREATEROLE to make roles, and ADMIN OPTION on those it did not make"
            ) from error
    return [change.line for change in changes]


def _left_alone(conn: PgConnection, permissions: Permissions) -> Iterator[str]:
    names = [role.name for role in permissions.roles]
    yield from (f"role {name}" for name in rights.other_roles(conn, names))
    held = _held(conn, permissions)
    yield from beyond(_should(conn, permissions), held.all, held.revocable)
    for role in permissions.roles:
        if role.connection is not None and not roles.is_known(role.connection):
            yield f"password of {role.name}: Airflow has no connection {role.connection}"
    for name, conn_id in permissions.servers.items():
        if not roles.is_known(conn_id):
            yield f"server of {name}: Airflow has no connection {conn_id}"


def _prove(conn: PgConnection, role: Role, schemas: Sequence[str]) -> int:
    """By the server's word for everything, and by reading where the engine can become the role."""
    missing = rights.unreadable(conn, role.name, schemas)
    if missing:
        names = ", ".join(map(str, missing))
        raise PermissionMismatch(f"role {role.name} cannot read {names}; who owns it must grant it")
    if (
        role.connection is not None
        and roles.is_known(role.connection)
        and not roles.logs_in(role, role.connection)
    ):
        raise PermissionMismatch(f"role {role.name} still cannot log in as {role.connection} says")
    relations = rights.relations(conn, schemas)
    if not rights.can_become(conn, role.name):
        return 0
    try:
        rights.read_as(conn, role.name, relations)
    except psycopg.errors.InsufficientPrivilege as error:
        raise PermissionMismatch(f"role {role.name}: {str(error).splitlines()[0]}") from error
    except psycopg.OperationalError as error:
        log.warning("reading as %s was cut short: %s", role.name, str(error).splitlines()[0])
        return 0
    return len(relations)
