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

_STATE_KEY = "advertised_version"


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

    The last version lives in the asset's state store, so neither a restart of the triggerer nor a second
    triggerer fires twice for one version. The first version ever seen is stored without firing.
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
                if before != version:
                    await self._remember(version)
                    if before is not None:
                        yield TriggerEvent({"version": version, "before": before})
            await asyncio.sleep(interval)

    async def _remembered(self) -> Any:
        return await self.asset_state_store.aget(_STATE_KEY) if self.asset_state_store else None

    async def _remember(self, version: str) -> None:
        if self.asset_state_store:
            await self.asset_state_store.aset(_STATE_KEY, version)
