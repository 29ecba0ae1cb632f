"""The words of a post, and how X counts them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regendata.exceptions import SettingsError

LONGEST = 280
LINK_LENGTH = 23
BAR_CELLS = 10
_LINK = re.compile(r"https?://\S+")
#: Characters that count once; all others count twice.
_LIGHT = (range(0, 4352), range(8192, 8206), range(8208, 8224), range(8242, 8248))


@dataclass(frozen=True)
class Goal:
    """What is aimed at.

    :param name: of the figure, such as ``Allo GMV``.
    :param amount: USD to reach.
    :param link: where people see more; may be empty.
    """

    name: str
    amount: Decimal
    link: str = ""

    def share(self, figure: Decimal) -> Decimal:
        """Part of the goal that is reached, in percent, with one decimal, never rounded up to the goal."""
        return (figure / self.amount * 100).quantize(Decimal("0.1"), rounding="ROUND_FLOOR")


def post_text(goal: Goal, figure: Decimal, day: date) -> str:
    """Text of a day's post; equal for equal figures of a day, so that X itself refuses it a second time.

    :raises SettingsError: name and link leave no room for the figures.
    """
    lines = [
        f"{goal.name}: {money(figure)} of {money(goal.amount)}",
        f"{bar(goal.share(figure))} {goal.share(figure)} %",
        f"{long_date(day)}",
        goal.link,
    ]
    text = "\n".join(line for line in lines if line)
    if weighted_length(text) > LONGEST:
        raise SettingsError(
            f"the post would have {weighted_length(text)} characters, X takes {LONGEST}: "
            "shorten REGENDATA_GOAL_NAME or REGENDATA_GOAL_LINK"
        )
    return text


def money(amount: Decimal) -> str:
    """Whole dollars, rounded down: nothing is claimed that is not there."""
    return f"${amount.to_integral_value(rounding='ROUND_FLOOR'):,}"


def long_date(day: date) -> str:
    """Such as 22 November 2026."""
    return f"{day.day} {day:%B %Y}"


def bar(percent: Decimal) -> str:
    """Ten cells, filled as far as the goal is reached."""
    filled = max(0, min(BAR_CELLS, int(percent * BAR_CELLS / 100)))
    return "█" * filled + "░" * (BAR_CELLS - filled)


def weighted_length(text: str) -> int:
    """Characters as X counts them: links 23, most of Latin script 1, everything else 2."""
    links = _LINK.findall(text)
    rest = unicodedata.normalize("NFC", _LINK.sub("", text))
    return len(links) * LINK_LENGTH + sum(1 if _is_light(ord(one)) else 2 for one in rest)


def _is_light(code: int) -> bool:
    return any(code in light for light in _LIGHT)
