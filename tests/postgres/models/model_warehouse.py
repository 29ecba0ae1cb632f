"""A warehouse in which every model is a plain materialized view under its own name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from regendata.models.project import Project, load_project
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec

Row = dict[str, Any]
PROJECT: Project = load_project("grants")


class ModelWarehouse:
    """Tables to fill and models to build on them.

    :param dsn: a fresh database in which we may create schemas.
    """

    def __init__(self, dsn: str) -> None:
        self.connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row)
        self.connection.execute("SET TIME ZONE 'UTC'")
        self._create_tables()

    def _create_tables(self) -> None:
        tables = [PROJECT.tables[relation] for relation in sorted(PROJECT.inputs)]
        schemas = {spec.relation.schema for spec in (*tables, *PROJECT.models.values())}
        for schema in sorted(schemas):
            self.connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        for table in tables:
            self.connection.execute(table.body)

    def insert(self, relation: str, *rows: Mapping[str, Any]) -> None:
        """Add rows; columns that a row does not name are NULL, mappings become jsonb."""
        for row in rows:
            statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(*Relation.parse(relation)),
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join([sql.Placeholder()] * len(row)),
            )
            self.connection.execute(statement, [_adapted(value) for value in row.values()])

    def build(self, relation: str) -> list[Row]:
        """Build one model and all it reads from what the tables hold now; returns its rows."""
        target = Relation.parse(relation)
        for built, spec in reversed(PROJECT.models.items()):
            self.connection.execute(
                sql.SQL("DROP {} IF EXISTS {}").format(_kind(spec), sql.Identifier(*built))
            )
        for spec in self._needed(target):
            self._create(spec)
        return self.rows(sql.SQL("SELECT * FROM {}").format(sql.Identifier(*target)))

    def _create(self, model: ModelSpec) -> None:
        name = sql.Identifier(*model.relation)
        self.connection.execute(
            sql.SQL("CREATE {} {} AS {}").format(_kind(model), name, sql.SQL(model.select))
        )
        if model.unique_key and not model.is_view:
            key = sql.SQL(", ").join(map(sql.Identifier, model.unique_key))
            self.connection.execute(sql.SQL("CREATE UNIQUE INDEX ON {} ({})").format(name, key))

    def _needed(self, target: Relation) -> list[ModelSpec]:
        wanted = {target}
        for relation in reversed(PROJECT.models):
            if relation in wanted:
                wanted |= PROJECT.models[relation].depends_on
        return [model for relation, model in PROJECT.models.items() if relation in wanted]

    def rows(self, query: sql.Composed | str) -> list[Row]:
        return self.connection.execute(query).fetchall()

    @contextmanager
    def forgotten(self) -> Iterator[None]:
        """Whatever happens inside is rolled back: one database serves many examples."""
        with self.connection.transaction(force_rollback=True):
            yield


def _kind(model: ModelSpec) -> sql.SQL:
    return sql.SQL("VIEW" if model.is_view else "MATERIALIZED VIEW")


def _adapted(value: object) -> object:
    return Jsonb(value) if isinstance(value, dict) else value
