"""What a person is asked about a build, and what the answer means. Pure: nothing here waits for anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

APPROVE = "Approve"
REJECT = "Reject"
#: Field of the form.
WHY = "why"


@dataclass(frozen=True)
class Question:
    """A check that asks. ``relation`` is empty for a question about the build as a whole."""

    relation: str
    check: str
    figure: str
    expected: str
    samples: Sequence[Mapping[str, Any]] = ()

    def __str__(self) -> str:
        subject = f"{self.relation}: " if self.relation else ""
        return f"{subject}{self.check}: {self.figure}, expected {self.expected}"


@dataclass(frozen=True)
class Answer:
    """A decision; ``who`` is None when nobody answered in time."""

    is_approved: bool
    who: str | None
    why: str | None = None

    @property
    def state(self) -> Literal["approved", "rejected"]:
        return "approved" if self.is_approved else "rejected"

    @property
    def word(self) -> str:
        return self.state if self.who else "timed out"

    @property
    def summary(self) -> str:
        """One line for logs, reasons and receipts."""
        if self.who is None:
            return "rejected: nobody answered in time"
        return f"{self.state} by {self.who}: {self.why or 'no reason given'}"


def read_answer(event: Mapping[str, Any]) -> Answer:
    """The answer in the event of a human-in-the-loop task."""
    user = event.get("responded_by_user") or {}
    why = str((event.get("params_input") or {}).get(WHY) or "").strip()
    who = user.get("name") or user.get("id")
    return Answer(APPROVE in event["chosen_options"] and bool(who), who, why or None)
