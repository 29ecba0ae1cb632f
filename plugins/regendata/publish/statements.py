"""SQL of building one relation. Functions return statements; hooks run them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from psycopg import sql

from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish.facade import MAX_NAME


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


def create_union(place: Relation, parts: Sequence[Relation], columns: Sequence[str]) -> sql.Composed:
    """A view of several relations as one. Plain columns only: conditions then reach the indexes of each."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    selects = [sql.SQL("SELECT {} FROM {}").format(names, sql.Identifier(*part)) for part in parts]
    return sql.SQL("CREATE VIEW {} AS\n{}").format(
        sql.Identifier(*place), sql.SQL("\nUNION ALL\n").join(selects)
    )


def create_merged(
    place: Relation,
    parts: Sequence[Relation],
    key: Sequence[str],
    merge: Mapping[str, str],
    columns: Sequence[tuple[str, str]],
) -> sql.Composed:
    """A view of several relations as one, with one row per key.

    :param merge: aggregate per column beside the key.
    :param columns: (name, type) in order; a sum may be of another type than what it adds up.
    """
    # Aggregates are among those a header may name, types are printed by the server.
    shown = [
        sql.SQL("{0}({1})::{2} AS {1}").format(sql.SQL(merge[name]), sql.Identifier(name), sql.SQL(kind))
        if name in merge
        else sql.Identifier(name)
        for name, kind in columns
    ]
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
    selects = [sql.SQL("SELECT {} FROM {}").format(names, sql.Identifier(*part)) for part in parts]
    return sql.SQL("CREATE VIEW {} AS\nSELECT {} FROM (\n{}\n) AS held GROUP BY {}").format(
        sql.Identifier(*place),
        sql.SQL(", ").join(shown),
        sql.SQL("\nUNION ALL\n").join(selects),
        sql.SQL(", ").join(map(sql.Identifier, key)),
    )


def create_indexes(model: ModelSpec, place: Relation) -> Iterator[sql.Composed]:
    """The unique index of the key first, then the others."""
    if model.unique_key:
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
    yield sql.SQL("COMMENT ON TABLE {} IS {}").format(sql.Identifier(*place), sql.Literal(model.description))
    for column, description in model.columns:
        yield sql.SQL("COMMENT ON COLUMN {} IS {}").format(
            sql.Identifier(*place, column), sql.Literal(description)
        )
