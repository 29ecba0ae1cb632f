"""Public data sets, as a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class ExportPublicDataOperator(BaseOperator):
    """Uploads what changed of a system's public data sets; the next run makes up for one that failed.

    :param system: whose data sets (templated).
    """

    template_fields: Sequence[str] = ("system",)
    ui_color = "#dbe7f6"

    def __init__(self, *, system: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.system = system

    def execute(self, context: Context) -> dict[str, Any]:
        from dataclasses import asdict

        from regendata import paths, settings
        from regendata.hooks.export_bucket import public_bucket
        from regendata.hooks.postgres import connect
        from regendata.landing.exports import export
        from regendata.models.project import load_project
        from regendata.publish.exports.selection import load_selection

        options = settings.load()
        models = load_selection(paths.EXPORTS, load_project(self.system))
        with connect() as conn:
            done = export(conn, self.system, models, public_bucket(options), options)
        self.log.info("uploaded %s bytes for %s", done.bytes_uploaded, done.written or "no data set")
        return asdict(done)
