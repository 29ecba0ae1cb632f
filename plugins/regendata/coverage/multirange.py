"""Intervals as PostgreSQL writes them: ``int8multirange`` in its text form."""

from __future__ import annotations

import re

import numpy as np

from regendata.coverage.intervals import Intervals
from regendata.exceptions import BadIntervals

_RANGE = r"\[-?\d+,-?\d+\)"
_CANONICAL = re.compile(rf"\{{(?:{_RANGE}(?:,{_RANGE})*)?\}}")
_TO_NUMBERS = str.maketrans("", "", "{}[)")


def dumps(intervals: Intervals) -> str:
    """``{[1,5),[7,9)}``, for a parameter that is cast to int8multirange."""
    return "{" + ",".join(f"[{begin},{end})" for begin, end in intervals.pairs()) + "}"


def loads(text: str) -> Intervals:
    """What ``multirange::text`` gives; PostgreSQL writes it sorted, merged and half-open.

    :raises BadIntervals: another text, or a range without a bound.
    """
    if not _CANONICAL.fullmatch(text):
        raise BadIntervals(f"no multirange of bounded integers: {text[:80]}")
    numbers = text.translate(_TO_NUMBERS)
    return Intervals(np.fromstring(numbers, np.int64, sep=",")) if numbers else Intervals.empty()
