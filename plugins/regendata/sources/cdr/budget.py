"""How long to wait before a request, so that no limit of its source is passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """At most so many requests within any span of so many seconds."""

    requests: int
    seconds: float


#: Per token, as docs.cdr.fyi says.
CDR_FYI_LIMITS = (Limit(100, 60), Limit(1000, 3600))


def wait_s(asked: Sequence[float], now: float, limits: Sequence[Limit]) -> float:
    """Seconds until one more request fits all limits; 0 when it fits now.

    :param asked: moments of earlier requests in seconds, in any order.
    """
    return max((_wait_for(sorted(asked), now, limit) for limit in limits), default=0.0)


def _wait_for(asked: Sequence[float], now: float, limit: Limit) -> float:
    """The request must come when the one that many before it has left the span."""
    if len(asked) < limit.requests:
        return 0.0
    return max(0.0, asked[-limit.requests] + limit.seconds - now)
