"""SQL of building one relation. Functions return statements; hooks run them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from psycopg import sql

from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish.facade import MAX_NAME

Names = Sequence[str]


def create_filled(place: Relation, select: str) -> sql.Composed:
    """A table of what a model's SELECT gives, as it stands in the build.

    A table and no MATERIALIZED VIEW: rows of a build never change, while a backup that is restored would
    compute a materialized view anew from what has landed since, and would keep alive what it was made from.

    :param select: of a file of this repository; it goes to the server as written but for the names.
    """
    # Autovacuum would only write the rows once more, beside the next build.
    return sql.SQL("CREATE TABLE {} WITH (autovacuum_enabled = off) AS\n{}").format(
        sql.Identifier(*place), sql.SQL(select)
    )


def create_view(model: ModelSpec, place: Relation, places: Mapping[Relation, Relation]) -> sql.Composed:
    """The view of a model that stores nothing, over the relations of its own build."""
    return sql.SQL("CREATE VIEW {} AS\n{}").format(sql.Identifier(*place), sql.SQL(model.pointed_at(places)))


def create_union(place: Relation, parts: Sequence[Relation], columns: Sequence[str]) -> sql.Composed:
    """A view of several relations as one. Plain columns only: conditions then reach the indexes of each."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    selects = [sql.SQL("SELECT {} FROM {}").format(names, sql.Identifier(*part)) for part in parts]
    return sql.SQL("CREATE VIEW {} AS\n{}").format(
        sql.Identifier(*place), sql.SQL("\nUNION ALL\n").join(selects)
    )


def create_replaced(
    place: Relation, base: Relation, later: Relation, key: Names, columns: Names
) -> sql.Composed:
    """A view of a relation of which rows were replaced, and to which rows came.

    Written so that both relations stay plain members of the union: conditions and orders reach their indexes.

    :param later: rows that stand in place of those of ``base`` with the same key.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL(
        "CREATE VIEW {place} AS\nSELECT {names} FROM (\n"
        "SELECT {names}, false AS _is_later FROM {base}\nUNION ALL\n"
        "SELECT {names}, true AS _is_later FROM {later}\n) AS held\n"
        "WHERE held._is_later OR NOT EXISTS (SELECT FROM {later} AS later WHERE {same})"
    ).format(
        place=sql.Identifier(*place),
        names=names,
        base=sql.Identifier(*base),
        later=sql.Identifier(*later),
        same=same_key("later", "held", key),
    )


def replaced_rows(old: Relation, later: Relation, key: Names) -> sql.Composed:
    """The rows of ``old`` whose key ``later`` holds as well, as one item of FROM; it needs an alias."""
    return sql.SQL("(SELECT old.* FROM {} AS old WHERE EXISTS (SELECT FROM {} AS later WHERE {}))").format(
        sql.Identifier(*old), sql.Identifier(*later), same_key("later", "old", key)
    )


def same_key(one: str, other: str, key: Names) -> sql.Composed:
    """Whether two rows have the same key; nulls agree with nothing."""
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(one, name), sql.Identifier(other, name)) for name in key
    )


def create_indexes(model: ModelSpec, place: Relation) -> Iterator[sql.Composed]:
    """The unique index of the key first, then the others; none for what stores nothing."""
    if model.unique_key and not model.is_view:
        yield _index(place, model.unique_key, unique=True)
    for columns in model.indexes:
        yield _index(place, columns, unique=False)


def index_name(place: Relation, columns: Sequence[str], unique: bool) -> str:
    """A name made from content alone, the same in every build; cut to fit, kept apart by a hash."""
    name = "_".join((place.name, *columns, "key" if unique else "idx"))
    if len(name.encode()) <= MAX_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name.encode()[: MAX_NAME - 9].decode(errors='ignore')}_{digest}"


def _index(place: Relation, columns: Sequence[str], unique: bool) -> sql.Composed:
    return sql.SQL("CREATE {} INDEX {} ON {} ({})").format(
        sql.SQL("UNIQUE") if unique else sql.SQL(""),
        sql.Identifier(index_name(place, columns, unique)),
        sql.Identifier(*place),
        sql.SQL(", ").join(sql.Identifier(column) for column in columns),
    )


def comments(model: ModelSpec, place: Relation) -> Iterator[sql.Composed]:
    """Descriptions of the header as comments, for psql, Metabase and whoever looks."""
    kind = sql.SQL("VIEW" if model.is_view else "TABLE")
    yield sql.SQL("COMMENT ON {} {} IS {}").format(
        kind, sql.Identifier(*place), sql.Literal(model.description)
    )
    for column, description in model.columns:
        yield sql.SQL("COMMENT ON COLUMN {} IS {}").format(
            sql.Identifier(*place, column), sql.Literal(description)
        )
