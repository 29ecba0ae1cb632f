"""Deterministic data for the sandbox, at any scale, or the real files of a folder."""

from __future__ import annotations

from sandbox.generator.seeding import is_seeded, seed

__all__ = ["is_seeded", "seed"]
