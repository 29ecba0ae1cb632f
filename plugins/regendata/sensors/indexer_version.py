"""Waits until an indexer's API says which version it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator

from regendata.exceptions import SourceUnavailable

if TYPE_CHECKING:
    from airflow.sdk import Context


class IndexerVersionSensor(BaseSensorOperator):
    """Returns the advertised version. Asks once itself; waits in the triggerer if there is no good answer.

    :param conn_id: Airflow connection of the API.
    """

    ui_color = "#e6f1f2"

    def __init__(self, *, conn_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.conn_id = conn_id

    def execute(self, context: Context) -> str:
        from regendata import settings
        from regendata.hooks.indexer_api import fetch_version
        from regendata.triggers.indexer_version import IndexerVersionTrigger

        try:
            version = fetch_version(self.conn_id)
        except SourceUnavailable as error:
            self.log.warning("%s; waiting for a version", error)
            options = settings.load()
            self.defer(
                trigger=IndexerVersionTrigger(
                    self.conn_id, options.version_poll_s, options.version_patience_s
                ),
                method_name="resume",
            )
        self.log.info("advertised: %s", version)
        return version

    def resume(self, context: Context, event: dict[str, str]) -> str:
        """Called with the trigger's event.

        :raises SourceUnavailable: the trigger's patience ended.
        """
        if "error" in event:
            raise SourceUnavailable(event["error"])
        self.log.info("advertised: %s", event["version"])
        return event["version"]
