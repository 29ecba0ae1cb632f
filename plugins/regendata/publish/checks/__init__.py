"""What is checked about a build before readers see it: statements to run, and verdicts on what they find."""

from __future__ import annotations

from regendata.publish.checks.scan import Totals

__all__ = ["Totals"]
