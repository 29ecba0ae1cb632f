"""The task that finds out which projects are one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regendata.operators.landing import LandOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class ProjectGroupsOperator(LandOperator):
    """Groups projects and lands their members; returns counts, merges, splits and placeholders."""

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing import project_groups

        return project_groups.land(self.prepared_project(), context["run_id"], settings.load())
