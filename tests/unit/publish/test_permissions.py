"""The permissions file as grants."""

from __future__ import annotations

from pathlib import Path

import pytest

from regendata.exceptions import ModelFileError
from regendata.models.relation import Relation
from regendata.publish.permissions import ReadAccess, grant_statements, read_permissions


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "permissions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_readers_and_their_schemas(tmp_path: Path) -> None:
    path = _file(tmp_path, "readers:\n  grants_analyst: [public, meta]\n  bot: []\n")
    assert read_permissions(path) == (
        ReadAccess("grants_analyst", ("public", "meta")),
        ReadAccess("bot", ()),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "readers:",
        "readers: [grants_analyst]",
        "readers: {grants_analyst: public}",
        "writers: {grants_analyst: [public]}",
        "[readers]",
        "just words",
        "readers: {grants_analyst: [public",
    ],
)
def test_refused(tmp_path: Path, text: str) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(ModelFileError, match=r"permissions\.yaml:1: holds one mapping `readers:"):
        read_permissions(path)


def test_grants_are_quoted_and_cover_the_future() -> None:
    access = ReadAccess("data team", ("public", "Odd"))
    relations = [Relation("public", "rounds"), Relation("Odd", "My table")]
    statements = [one.as_string(None) for one in grant_statements(access, relations)]
    assert statements == [
        'GRANT USAGE ON SCHEMA "public" TO "data team"',
        'ALTER DEFAULT PRIVILEGES IN SCHEMA "public" GRANT SELECT ON TABLES TO "data team"',
        'GRANT USAGE ON SCHEMA "Odd" TO "data team"',
        'ALTER DEFAULT PRIVILEGES IN SCHEMA "Odd" GRANT SELECT ON TABLES TO "data team"',
        'GRANT SELECT ON "public"."rounds", "Odd"."My table" TO "data team"',
    ]


def test_nothing_new_to_read_needs_no_grant_on_relations() -> None:
    statements = [one.as_string(None) for one in grant_statements(ReadAccess("bot", ("public",)), [])]
    assert [statement.split(" ON ")[0] for statement in statements] == [
        "GRANT USAGE",
        'ALTER DEFAULT PRIVILEGES IN SCHEMA "public" GRANT SELECT',
    ]
