"""Waiting for a person's answer about a build, for as long as the build can still be published."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.providers.standard.triggers.hitl import HITLTrigger
from airflow.triggers.base import TriggerEvent
from asgiref.sync import sync_to_async

from regendata.exceptions import SourceUnavailable

#: Key of an event that is no answer: the build's own end, in words.
ENDED = "ended"
#: An event that comes before the scheduler has heard that the task was parked makes it start the task over,
#: with the question asked anew and the answer lost.
SETTLED_S = 3


class ApprovalTrigger(HITLTrigger):
    """Fires with the answer, with the rejection at the end of the time, or when the build has ended.

    :param build_id: the build that waits.
    """

    def __init__(self, *, build_id: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.build_id = build_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        _, arguments = super().serialize()
        return f"{type(self).__module__}.{type(self).__qualname__}", {**arguments, "build_id": self.build_id}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        await asyncio.sleep(SETTLED_S)
        waiting = [asyncio.ensure_future(one) for one in (self._answered(), self._ended())]
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            yield done.pop().result()
        finally:
            for task in waiting:
                task.cancel()

    async def _answered(self) -> TriggerEvent:
        return await anext(super().run())

    async def _ended(self) -> TriggerEvent:
        while True:
            ended = await sync_to_async(self._reason)()
            if ended:
                return TriggerEvent({ENDED: ended})
            await asyncio.sleep(self.poke_interval)

    def _reason(self) -> str | None:
        """Why the build does not wait any more; None while it does, and while the warehouse is away."""
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse import approvals

        try:
            with connect() as conn:
                found = approvals.read_state(conn, self.build_id)
        except SourceUnavailable as error:
            self.log.warning("%s; asking again in %s s", error, self.poke_interval)
            return None
        return None if found.state in approvals.PARKED else f"{found.state}: {found.reason}"
