"""Relays in the benchmark: every figure is there, and the budget is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from bench.comparisons import relays
from bench.context import Bench


def test_every_line_has_a_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "SLOTS_ONE_BY_ONE", 1)
    monkeypatch.setattr(relays, "LATENCY_S", 0.01)
    monkeypatch.setattr(relays, "SLOW_RATE", 50.0)
    monkeypatch.setattr(relays, "RATE", 100.0)
    result = relays.compare(Bench(tmp_path, 1, 1, 1, 60, Console(quiet=True)), slots=5)
    assert len(result.lines) == 4
    assert all(line.value > 0 for line in result.lines)
    assert result.lines[-1].is_met
