"""Waits before requests: a source's limits hold over all tasks and retries that share a ledger."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from regendata.exceptions import SourceUnavailable


class Ledger(Protocol):
    """Remembers requests."""

    def reserve(self, now: float) -> float:
        """Note a request at ``now`` and return 0, or return the seconds to wait and note nothing."""


@dataclass
class Throttle:
    """One turn per request.

    :param patience_s: longest wait for one turn.
    :param clock: seconds since the epoch.
    """

    source: str
    ledger: Ledger
    patience_s: float
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    def turn(self) -> None:
        """Return when a request may be made.

        :raises SourceUnavailable: the limits leave no room within the patience.
        """
        waited = 0.0
        while (wait := self.ledger.reserve(self.clock())) > 0:
            waited += wait
            if waited > self.patience_s:
                raise SourceUnavailable(
                    f"{self.source}: its limits leave room for the next request in {wait:.0f} s only"
                )
            self.sleep(wait)
