"""Tasks that land tables which come as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from regendata.models.project import Project

#: DAG parameter: take an archive whose recorded checksum changed.
RELOAD = "reload"


class LandOperator(BaseOperator):
    """What landing tasks share: the project they land for, with the meta tables in place."""

    ui_color = "#e6f1f2"

    def __init__(self, *, system: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.system = system

    def prepared_project(self) -> Project:
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.schema import ensure_meta
        from regendata.models.project import load_project

        project = load_project(self.system)
        with connect() as conn:
            ensure_meta(conn, project.tables)
        return project


class LandDuneOperator(LandOperator):
    """Lands the latest result of the Dune query; returns rows per table that changed."""

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing import dune

        return dune.land(self.prepared_project(), context["run_id"], settings.load())


class LandReferenceOperator(LandOperator):
    """Lands the hand-kept facts of ``include/static_data``; returns rows per table that changed."""

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing import reference

        return reference.land(self.prepared_project(), context["run_id"], settings.load())


class LandArchiveOperator(LandOperator):
    """Loads one static archive once.

    :param stem: the archive's path in :data:`regendata.sources.static_data.ARCHIVES`.
    """

    def __init__(self, *, stem: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stem = stem

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing import archives
        from regendata.sources.static_data import ARCHIVES

        archive = next(archive for archive in ARCHIVES if archive.stem == self.stem)
        reload = bool(context["params"].get(RELOAD))
        done = archives.land(archive, self.prepared_project(), context["run_id"], settings.load(), reload)
        if not done["landed"]:
            self.log.info("nothing to do: %s is loaded with checksum %s", self.stem, done["checksum"])
        return done
