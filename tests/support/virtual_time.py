"""Asynchronous code in no time: a clock that jumps to the next timer whenever everybody waits for one."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class _Selector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    """Skips the time that the loop would sleep."""

    skipped = 0.0
    threads_at_work = 0

    def select(self, timeout: float | None = None) -> Any:
        # A thread at work is waited for in real time: its result comes before any timer.
        ready = super().select(timeout if timeout is None or self.threads_at_work else 0)
        if not ready and timeout is not None:
            self.skipped += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` is how long everything would have taken."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.skipped

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        self._virtual.threads_at_work += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _: Any) -> None:
        self._virtual.threads_at_work -= 1


def run(main: Coroutine[Any, Any, Result]) -> tuple[Result, float]:
    """The result, and the seconds it would have taken; work that computes takes none."""
    loop = VirtualLoop()
    try:
        result = loop.run_until_complete(main)
        return result, loop.time()
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
