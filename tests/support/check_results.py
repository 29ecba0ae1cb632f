"""The checks of the small project's gifts: other ones in its header, waivers, and what came out."""

from __future__ import annotations

from datetime import date
from typing import Any

from regendata.models.relation import Relation
from regendata.models.waivers import Waiver
from tests.support.small_project import SmallProject
from tests.support.warehouse import Warehouse

GIFTS_RELATION = Relation("public", "gifts")
PLAIN_CHECKS = "{min_rows: 1, not_null: [id, giver], max_fall_pct: 10}"


def checked(small: SmallProject, header: str) -> None:
    """Give the gifts other checks."""
    small.edit("public.gifts", PLAIN_CHECKS, header)


def results(
    warehouse: Warehouse, build_id: int, relation: str = "public.gifts"
) -> dict[str, tuple[Any, ...]]:
    """Severity, verdict, figure and samples by the name of the check."""
    rows = warehouse.rows(
        "SELECT check_name, severity, verdict, figure, samples FROM meta.check_result "
        "WHERE build_id = %s AND relation = %s",
        [build_id, relation],
    )
    return {row[0]: row[1:] for row in rows}


def waiver(check: str, *partitions: dict[str, Any], until: date = date(2999, 1, 1)) -> Waiver:
    return Waiver(GIFTS_RELATION, check, "Ann", "known", until, partitions)
