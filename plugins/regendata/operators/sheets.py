"""The task that lands one sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regendata.operators.landing import LandOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class LandSheetOperator(LandOperator):
    """Lands one sheet if its rows changed; returns rows landed and rows left out.

    :param sheet: title in :data:`regendata.sources.sheets.SHEETS`.
    """

    def __init__(self, *, sheet: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sheet = sheet

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing import sheets
        from regendata.sources.sheets import SHEETS

        done = sheets.land(SHEETS[self.sheet], self.prepared_project(), context["run_id"], settings.load())
        if done["extra_columns"]:
            self.log.info("columns nobody asked for: %s", ", ".join(done["extra_columns"]))
        if done["quarantined"]:
            self.log.warning("%s rows left out, see meta.quarantine", done["quarantined"])
        return done
