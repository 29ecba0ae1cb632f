"""Waiting for the version that an indexer advertises: once for a task, for ever for the schedule."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, BaseTrigger, TriggerEvent

from regendata import settings
from regendata.exceptions import SourceUnavailable
from regendata.hooks.indexer_api import fetch_version_async

#: Key in the state store of the asset.
ADVERTISED_VERSION = "advertised_version"


class IndexerVersionTrigger(BaseTrigger):
    """Fires as soon as the API answers with a version, or with the last error when patience ends.

    :param poll_interval: seconds between two questions.
    :param patience: seconds after which the last error is reported.
    """

    def __init__(self, conn_id: str, poll_interval: float, patience: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.conn_id = conn_id
        self.poll_interval = poll_interval
        self.patience = patience

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {"conn_id": self.conn_id, "poll_interval": self.poll_interval, "patience": self.patience},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        started = time.monotonic()
        while True:
            try:
                yield TriggerEvent({"version": await fetch_version_async(self.conn_id)})
                return
            except SourceUnavailable as error:
                if time.monotonic() - started > self.patience:
                    yield TriggerEvent({"error": f"{error}; asked for {self.patience:.0f} s"})
                    return
                self.log.info("%s; asking again in %s s", error, self.poll_interval)
            await asyncio.sleep(self.poll_interval)


class IndexerVersionWatcher(BaseEventTrigger):
    """Fires whenever the advertised version differs from the last one seen.

    The last version lives in the asset's state store, where a restarted triggerer finds it. The first version
    ever seen is stored without firing. After a DAG is unpaused, Airflow watches from when it next reads the
    DAG's file (`[dag_processor] min_file_process_interval`).
    """

    def __init__(self, conn_id: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.conn_id = conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (f"{type(self).__module__}.{type(self).__qualname__}", {"conn_id": self.conn_id})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        # Read here and not at parse time: the triggerer's environment decides.
        interval = settings.load().version_watch_s
        while True:
            try:
                version = await fetch_version_async(self.conn_id)
            except SourceUnavailable as error:
                self.log.warning("%s; asking again in %s s", error, interval)
            else:
                before = await self._remembered()
                if before not in (None, version):
                    yield TriggerEvent({"version": version, "before": before})
                if before != version:
                    # Behind the event: a triggerer that dies between the two fires again, and loses nothing.
                    await self._remember(version)
            await asyncio.sleep(interval)

    async def _remembered(self) -> Any:
        return await self.asset_state_store.aget(ADVERTISED_VERSION) if self.asset_state_store else None

    async def _remember(self, version: str) -> None:
        if self.asset_state_store:
            await self.asset_state_store.aset(ADVERTISED_VERSION, version)
