"""The engine's own tables, in a warehouse that an older version of their files made."""

from __future__ import annotations

import psycopg
import pytest

from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.schema import ensure_meta
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
INSERT = (
    "INSERT INTO meta.check_result (build_id, relation, check_name, severity, passed, expected, statement) "
    "VALUES (1, 'public.gifts', '{0} check', '{0}', true, '', '')"
)


@pytest.fixture
def older(warehouse: Warehouse, small: SmallProject) -> SmallProject:
    """A warehouse whose checks knew no severity `ask` and no verdict, with rows from then."""
    small.refresh(GIFTS, NAMES)
    warehouse.do(
        "ALTER TABLE meta.check_result DROP COLUMN verdict, DROP COLUMN waiver, "
        "DROP CONSTRAINT check_result_severity_check, "
        "ADD CONSTRAINT an_old_name CHECK (severity IN ('stop', 'warn'))",
        "COMMENT ON SCHEMA meta IS 'tables of long ago'",
    )
    return small


def test_new_columns_and_values_come_with_the_file(warehouse: Warehouse, older: SmallProject) -> None:
    kept = warehouse.value("SELECT count(*) FROM meta.check_result")
    with pytest.raises(psycopg.errors.CheckViolation, match="an_old_name"):
        warehouse.do(INSERT.format("ask"))
    with connect() as conn:
        ensure_meta(conn, older.load().tables)
    warehouse.do(INSERT.format("ask"))
    assert warehouse.value("SELECT count(*) FROM meta.check_result WHERE verdict IS NULL") == kept + 1 > 1
    with pytest.raises(psycopg.errors.CheckViolation, match="check_result_severity_check"):
        warehouse.do(INSERT.format("whatever"))


def test_an_upgraded_warehouse_refreshes(warehouse: Warehouse, older: SmallProject) -> None:
    older.refresh([*GIFTS, (4, 1, "dan", 2.0)])
    verdicts = warehouse.rows("SELECT DISTINCT build_id, verdict FROM meta.check_result ORDER BY 1")
    assert verdicts == [(1, None), (2, "passed")]


def test_nothing_is_altered_while_the_files_stay(warehouse: Warehouse, small: SmallProject) -> None:
    small.refresh(GIFTS, NAMES)
    constraints = "SELECT oid, conname FROM pg_constraint WHERE contype = 'c' ORDER BY 1"
    before = warehouse.rows(constraints)
    with connect() as conn:
        ensure_meta(conn, small.load().tables)
    assert warehouse.rows(constraints) == before
    assert before
