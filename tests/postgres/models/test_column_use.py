"""Who uses a column: what the files say is what Postgres says when the column is gone."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from regendata.models.column_use import uses
from tests.postgres.models.model_warehouse import PROJECT, ModelWarehouse

pytestmark = pytest.mark.postgres


def runs(models: ModelWarehouse, select: str) -> bool:
    try:
        with models.connection.transaction():
            models.connection.execute("EXPLAIN " + select)
    except (psycopg.errors.UndefinedColumn, psycopg.errors.AmbiguousColumn):
        return False
    return True


def test_a_model_uses_a_column_of_a_table_exactly_when_it_fails_without_it(models: ModelWarehouse) -> None:
    for relation in PROJECT.models:
        if not any(relation in other.depends_on for other in PROJECT.models.values()):
            models.build(str(relation))
    asked = used = 0
    for table in sorted(PROJECT.inputs):
        readers = [model for model in PROJECT.models.values() if table in model.depends_on]
        for column in PROJECT.tables[table].column_names:
            rename = sql.SQL("ALTER TABLE {} RENAME {} TO {}")
            names = sql.Identifier(*table), sql.Identifier(column), sql.Identifier("gone")
            with models.connection.transaction(force_rollback=True):
                models.connection.execute(rename.format(*names))
                for model in readers:
                    works, named = runs(models, model.select), uses(model.select, table, column)
                    assert works or named, (model.relation, table, column)
                    assert not (works and named) or ".*" in model.select or "SELECT *" in model.select, (
                        model.relation, table, column,
                    )  # fmt: skip
                    asked, used = asked + 1, used + named
    assert asked > 150
    assert 0 < used < asked
