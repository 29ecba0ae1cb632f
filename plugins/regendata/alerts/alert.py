"""An alert: one thing that is wrong, said once until it is right again."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

_LONGEST = 2_000


class Kind(str, Enum):
    """What is wrong; each kind has a chapter of this name in the runbook."""

    TASK_FAILED = "task failed"
    LATE = "late"
    DEADLINE_MISSED = "deadline missed"
    APPROVAL_WAITING = "approval waiting"
    COVERAGE_HOLE = "coverage hole"
    DISK = "disk"

    @property
    def anchor(self) -> str:
        """Its chapter's anchor."""
        return self.value.replace(" ", "-")


@dataclass(frozen=True)
class Alert:
    """One thing that is wrong.

    :param subject: what it is wrong with, such as ``grants`` or a task; with the kind it tells alerts apart.
    :param text: what happened and what is known of it, in plain words; never a secret.
    :param link: page that shows more.
    """

    kind: Kind
    subject: str
    text: str
    link: str | None = None

    @property
    def key(self) -> str:
        return f"{self.kind.value}: {self.subject}"

    def runbook(self, address: str) -> str:
        """Address of the chapter that says what to do."""
        return f"{address}#{self.kind.anchor}"

    def body(self, runbook: str) -> str:
        """The message below its title."""
        lines = [self.text[:_LONGEST], f"What to do: {self.runbook(runbook)}"]
        return "\n\n".join([*lines, f"More: {self.link}"] if self.link else lines)
