"""The permissions file as data."""

from __future__ import annotations

from pathlib import Path

import pytest

from regendata import paths
from regendata.exceptions import ModelFileError
from regendata.models.relation import Relation
from regendata.publish.permissions import Permissions, Role, read_permissions
from regendata.sources.indexers import GRANTS_INDEXER, MACI

FILE = """
roles:
  readers: {reads: [public, meta]}
  bot:
    login: true
    member_of: [readers]
    connection: bot_db
    creates_in: [scratch]
    may: {public.links: [INSERT, DELETE]}
  idle:
servers: {indexer: indexer_db}
"""


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "permissions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_roles_and_servers(tmp_path: Path) -> None:
    permissions = read_permissions(_file(tmp_path, FILE))
    links = (Relation("public", "links"), ("INSERT", "DELETE"))
    assert permissions == Permissions(
        (
            Role("readers", reads=("public", "meta")),
            Role("bot", True, ("readers",), "bot_db", creates_in=("scratch",), may=(links,)),
            Role("idle"),
        ),
        {"indexer": "indexer_db"},
    )
    assert permissions.schemas == ("meta", "public", "scratch")
    assert permissions.readable(permissions.roles[1]) == ("meta", "public")
    assert permissions.readable(permissions.roles[2]) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is no mapping"),
        ("[roles]", "the file is no mapping"),
        ("roles: [a]", "roles is no mapping"),
        ("roles: {a: [b", "is not YAML"),
        ("readers: {a: [public]}", "the file: unknown key readers; known: roles, servers"),
        ("roles: {a: {read: [public]}}", "a: unknown key read; known: connection, creates_in, login, may"),
        ("roles: {a: {reads: public}}", "a: reads is a list of names"),
        ("roles: {a: {login: 1}}", "a: login is true or false"),
        ("roles: {a: {connection: a_db}}", "a: only a login has a connection"),
        ("roles: {a: {member_of: [b]}}", "a is member of b, which the file lacks"),
        ("roles: {a: {may: {links: [INSERT]}}}", "a: not a schema-qualified name: 'links'"),
        (
            "roles: {a: {may: {public.links: [ALL]}}}",
            "a: public.links takes a list of DELETE, INSERT, SELECT",
        ),
        ("roles: {a: {may: {public.links: INSERT}}}", "a: public.links takes a list of"),
        ("roles: {}\nservers: [indexer]", "servers is no mapping"),
    ],
)
def test_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=rf"permissions\.yaml:1: {message}"):
        read_permissions(_file(tmp_path, text))


def test_analysts_are_given_what_they_were_promised() -> None:
    roles = {role.name: role for role in read_permissions(paths.PERMISSIONS).roles}
    assert {"public", "experimental_views", "indexer", "maci"} <= set(roles["grants_analyst"].reads)
    assert roles["metabase"].member_of == ("grants_analyst",)


def test_every_indexer_has_its_server() -> None:
    servers = read_permissions(paths.PERMISSIONS).servers
    assert servers == {source.name: source.conn_id for source in (GRANTS_INDEXER, MACI)}
