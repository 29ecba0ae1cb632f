"""Tasks about one indexer: which version, its live foreign schema, one landed cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

#: DAG parameter with the chains that a person allowed to disappear in this run.
ACCEPTED_LOSSES = "accepted_chain_losses"
#: DAG parameter: land and build everything as a whole, whatever changed.
WHOLE = "whole"


class _IndexerOperator(BaseOperator):
    """What tasks about one indexer share.

    :param source: name in :data:`regendata.sources.indexers.SOURCES`.
    :param system: the models that read it.
    :param version: schema version to work on (templated).
    """

    template_fields: Sequence[str] = ("version",)
    ui_color = "#e6f1f2"

    def __init__(self, *, source: str, system: str, version: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source
        self.system = system
        self.version = version


class ChooseVersionOperator(_IndexerOperator):
    """Returns the version of a source to serve in this run.

    :param version: what its API advertises; empty takes the newest schema (templated).
    """

    def execute(self, context: Context) -> str:
        from regendata import settings
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.schema import ensure_meta
        from regendata.landing.reference import excluded_chains
        from regendata.landing.versions import choose_version
        from regendata.models.project import load_project
        from regendata.sources.indexers import SOURCES

        with connect() as conn:
            ensure_meta(conn, load_project(self.system).tables)
        return choose_version(
            SOURCES[self.source],
            self.version or None,
            settings.load().static_cutoff,
            excluded_chains(),
            context["params"].get(ACCEPTED_LOSSES) or [],
        )


class SyncForeignSchemaOperator(_IndexerOperator):
    """Points the live foreign schema at a version; returns how much changed and what is worth a note."""

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.hooks.indexer import IndexerHook
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.foreign import sync_foreign_schema
        from regendata.landing.contract import check_columns
        from regendata.landing.whole import lock_policy
        from regendata.models.project import load_project
        from regendata.sources.indexers import SOURCES

        source = SOURCES[self.source]
        remote = IndexerHook(source).tables(self.version)
        check_columns(source, load_project(self.system), remote)
        with connect() as conn:
            plan = sync_foreign_schema(
                conn,
                source.name,
                source.conn_id,
                source.schema(self.version),
                remote,
                lock_policy(settings.load()),
            )
        return {"statements": len(plan.statements), "notes": list(plan.notes)}


class LandIndexerOperator(_IndexerOperator):
    """Lands one consistent cut of a source; returns rows per table that changed."""

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing import indexer
        from regendata.landing.reference import excluded_chains
        from regendata.landing.whole import lock_policy
        from regendata.models.project import load_project
        from regendata.sources.indexers import SOURCES

        options = settings.load()
        request = indexer.LandingRequest(
            SOURCES[self.source],
            self.version,
            context["run_id"],
            excluded_chains(),
            context["params"].get(ACCEPTED_LOSSES) or [],
            options.increments,
            bool(context["params"].get(WHOLE)),
        )
        return indexer.land(request, load_project(self.system), lock_policy(options))
