"""From what a check found to its verdict, waivers included."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from regendata.models.checks import Severity
from regendata.models.relation import Relation
from regendata.models.waivers import Waiver
from regendata.publish.checks.partitions import Partitions

Verdict = Literal["passed", "failed", "waived"]
Samples = tuple[dict[str, Any], ...]
SAMPLES = 5
_LONGEST_CELL = 200


@dataclass(frozen=True)
class Finding:
    """What one check found.

    :param statement: SQL that shows the figure to whoever runs it.
    :param samples: up to five offending rows or groups.
    """

    passed: bool
    figure: str
    expected: str
    statement: str
    samples: Samples = ()


#: Looks, leaving the given partitions out of the judgement.
Judge = Callable[[Partitions], Finding]


@dataclass(frozen=True)
class CheckResult:
    """One check of a build, as it is kept."""

    name: str
    severity: Severity
    verdict: Verdict
    finding: Finding
    waiver: Waiver | None = None

    @property
    def stops(self) -> bool:
        """Whether the run ends here."""
        return self.verdict == "failed" and self.severity == "stop"


def decide(name: str, severity: Severity, judge: Judge, waiver: Waiver | None) -> CheckResult:
    """Judge; where that fails, judge again what a live waiver leaves.

    A waiver without partitions lets the whole check through; otherwise the rest must pass by itself.
    """
    found = judge(())
    if found.passed or waiver is None:
        return CheckResult(name, severity, "passed" if found.passed else "failed", found)
    if not waiver.partitions:
        return CheckResult(name, severity, "waived", found, waiver)
    rest = judge(waiver.partitions)
    if rest.passed:
        return CheckResult(name, severity, "waived", found, waiver)
    return CheckResult(name, severity, "failed", rest, waiver)


def breach(relation: Relation, result: CheckResult) -> str:
    """A failed check in one line: relation, check, figure, expectation, first sample."""
    found = result.finding
    such = f", such as {shortened(found.samples[0])}" if found.samples else ""
    return f"{relation}: {result.name}: {found.figure}, expected {found.expected}{such}"


def shortened(sample: dict[str, Any]) -> dict[str, Any]:
    """A sample row without the bulk of its documents, and without numbers that JSON does not know."""
    return {column: _short(value) for column, value in sample.items()}


def _short(value: Any) -> Any:
    text = str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return text
    return value if len(text) <= _LONGEST_CELL else f"{text[:_LONGEST_CELL]}..."
