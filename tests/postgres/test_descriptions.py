"""What headers say of views and columns stands as comments on what readers see."""

from __future__ import annotations

import pytest

from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.descriptions import describe
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
COMMENT = """
SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s
"""


def _describe(small: SmallProject) -> int:
    with connect() as conn:
        return describe(conn, small.load())


def _column(warehouse: Warehouse, relation: str, column: str) -> str | None:
    found: str | None = warehouse.value(COMMENT, [relation, column])
    return found


def test_readers_see_the_texts_of_the_headers(small: SmallProject, warehouse: Warehouse) -> None:
    small.refresh(GIFTS, NAMES)
    assert _describe(small) > 0
    assert warehouse.value("SELECT obj_description('public.gifts'::regclass)") == "Every gift."
    assert _column(warehouse, "public.gifts", "id") == "Number of the gift."
    assert _column(warehouse, "public.gifts", "amount") is None


def test_a_column_handed_on_keeps_its_text(small: SmallProject, warehouse: Warehouse) -> None:
    small.refresh(GIFTS, NAMES)
    _describe(small)
    assert _column(warehouse, "public.named_gifts", "id") == "Number of the gift."


def test_only_what_differs_is_written(small: SmallProject, warehouse: Warehouse) -> None:
    small.refresh(GIFTS, NAMES)
    _describe(small)
    assert _describe(small) == 0
    small.edit("public.gifts", "Number of the gift.", "What it's counted by.")
    assert _describe(small) == 2
    assert _column(warehouse, "public.gifts", "id") == "What it's counted by."


def test_a_text_that_went_is_taken_away(small: SmallProject, warehouse: Warehouse) -> None:
    small.refresh(GIFTS, NAMES)
    _describe(small)
    small.edit("public.gifts", 'columns: {id: "Number of the gift."}\n', "")
    _describe(small)
    assert _column(warehouse, "public.gifts", "id") is None


def test_whoever_changes_a_view_goes_first(small: SmallProject, warehouse: Warehouse) -> None:
    small.refresh(GIFTS, NAMES)
    with warehouse.connect() as other, other.transaction():
        other.execute("LOCK TABLE public.gifts IN ACCESS EXCLUSIVE MODE")
        assert _describe(small) == 0
    assert _describe(small) > 0
