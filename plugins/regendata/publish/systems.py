"""The systems whose relations are built and published together, by the name of their folder of models."""

from __future__ import annotations

SYSTEMS = ("grants", "grants_daily", "token_metrics")
