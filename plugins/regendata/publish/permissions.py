"""``include/permissions.yaml``: roles, what they may do, and foreign servers, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from regendata.exceptions import ModelFileError
from regendata.models.relation import Relation

_ROLE_KEYS = {"login", "member_of", "connection", "reads", "creates_in", "may"}
#: What `may` can hold per relation.
_PRIVILEGES = {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"}


@dataclass(frozen=True)
class Role:
    """A role as it should be.

    :param member_of: roles of the file whose rights it has.
    :param connection: Airflow connection that holds its password; None leaves the password alone.
    :param reads: schemas in which it may SELECT from everything, now and in future.
    :param creates_in: schemas in which it may make its own things.
    :param may: further privileges per relation.
    """

    name: str
    login: bool = False
    member_of: tuple[str, ...] = ()
    connection: str | None = None
    reads: tuple[str, ...] = ()
    creates_in: tuple[str, ...] = ()
    may: tuple[tuple[Relation, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Permissions:
    """The whole file. ``servers`` maps a foreign schema's name to its Airflow connection."""

    roles: tuple[Role, ...]
    servers: Mapping[str, str]

    @property
    def schemas(self) -> tuple[str, ...]:
        """Schemas the file speaks of, and in which it takes away what it does not say."""
        named = {schema for role in self.roles for schema in (*role.reads, *role.creates_in)}
        return tuple(sorted(named | {relation.schema for role in self.roles for relation, _ in role.may}))

    def readable(self, role: Role) -> tuple[str, ...]:
        """Schemas a role reads, by itself or as a member."""
        roles, names = {one.name: one for one in self.roles}, [role.name]
        for name in names:
            names += [group for group in roles[name].member_of if group not in names]
        return tuple(sorted({schema for name in names for schema in roles[name].reads}))


def read_permissions(path: Path) -> Permissions:
    """Read the file.

    :raises ModelFileError: for an unknown key, a value of the wrong kind, or a role nobody describes.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ModelFileError(path, f"is not YAML: {error}", 1) from error
    return _Reader(path).permissions(given)


@dataclass(frozen=True)
class _Reader:
    path: Path

    def permissions(self, given: Any) -> Permissions:
        top = self._keys(given, {"roles", "servers"}, "the file")
        roles = self._mapping(top.get("roles"), "roles")
        found = tuple(self._role(str(name), body) for name, body in roles.items())
        known = {role.name for role in found}
        for role in found:
            for group in role.member_of:
                self._require(group in known, f"{role.name} is member of {group}, which the file lacks")
        servers = self._mapping(top.get("servers") or {}, "servers")
        return Permissions(found, {str(name): str(conn_id) for name, conn_id in servers.items()})

    def _role(self, name: str, given: Any) -> Role:
        body = self._keys(given or {}, _ROLE_KEYS, name)
        login, connection = body.get("login", False), body.get("connection")
        self._require(isinstance(login, bool), f"{name}: login is true or false")
        self._require(connection is None or login, f"{name}: only a login has a connection")
        may = self._mapping(body.get("may") or {}, f"{name}: may")
        return Role(
            name,
            login,
            self._names(body, "member_of", name),
            connection,
            self._names(body, "reads", name),
            self._names(body, "creates_in", name),
            tuple(self._may(name, str(relation), rights) for relation, rights in may.items()),
        )

    def _may(self, role: str, relation: str, rights: Any) -> tuple[Relation, tuple[str, ...]]:
        known = isinstance(rights, list) and set(rights) <= _PRIVILEGES
        self._require(known, f"{role}: {relation} takes a list of {', '.join(sorted(_PRIVILEGES))}")
        try:
            return Relation.parse(relation), tuple(rights)
        except ValueError as error:
            raise ModelFileError(self.path, f"{role}: {error}", 1) from error

    def _names(self, body: Mapping[str, Any], key: str, role: str) -> tuple[str, ...]:
        value = body.get(key, [])
        self._require(isinstance(value, list), f"{role}: {key} is a list of names")
        return tuple(map(str, value))

    def _keys(self, given: Any, known: set[str], where: str) -> Mapping[str, Any]:
        body = self._mapping(given, where)
        unknown = sorted(map(str, set(body) - known))
        self._require(
            not unknown, f"{where}: unknown key {', '.join(unknown)}; known: {', '.join(sorted(known))}"
        )
        return body

    def _mapping(self, given: Any, where: str) -> Mapping[str, Any]:
        self._require(isinstance(given, Mapping), f"{where} is no mapping")
        return dict(given)

    def _require(self, right: bool, message: str) -> None:
        if not right:
            raise ModelFileError(self.path, message, 1)
