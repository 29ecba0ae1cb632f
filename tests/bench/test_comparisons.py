"""Every comparison can be asked for."""

from __future__ import annotations

from bench.__main__ import NAMES
from bench.comparisons import COMPARISONS


def test_what_can_be_asked_for_is_what_there_is() -> None:
    assert sorted(NAMES) == sorted(COMPARISONS)
