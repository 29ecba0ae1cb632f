"""Deterministic data for the sandbox, at any scale, or the real files of a folder."""

from __future__ import annotations

from sandbox.generator.seeding import is_seeded, seed
from sandbox.generator.tweets import top_up

__all__ = ["is_seeded", "seed", "top_up"]
