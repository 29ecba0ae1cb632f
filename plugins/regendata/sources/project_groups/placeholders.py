"""Values that say nothing about who a project is: listed ones, and ones that too many projects give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regendata.sources.project_groups.cleaning import ATTRIBUTES, clean
from regendata.sources.project_groups.projects import NOTHING, Attribute, Numbers

LISTED = "listed"
TOO_COMMON = "shared by too many projects"


@dataclass(frozen=True)
class Placeholder:
    """A value that was taken for empty, and what it would have linked."""

    attribute: str
    value: str
    reason: str
    projects: int
    rows: int


def listed_values(facts: Iterable[tuple[str | None, ...]]) -> dict[str, set[str]]:
    """Per attribute the listed values in cleaned form.

    :param facts: rows of the hand-kept list: attribute (None: any), value as people write it, reason.
    """
    found: dict[str, set[str]] = {name: set() for name in ATTRIBUTES}
    for attribute, value, *_ in facts:
        for name in [attribute] if attribute else ATTRIBUTES:
            found[name] |= set(clean(pa.array([value]), name).drop_null().to_pylist())
    return found


@dataclass(frozen=True)
class Rule:
    """Which values count as empty.

    :param listed: per attribute, values that always do, in cleaned form.
    :param most: a value that more projects than this give does as well.
    """

    listed: Mapping[str, set[str]]
    most: int


def blanked(found: Sequence[Attribute], of_row: Numbers, rule: Rule) -> tuple[Numbers, list[Placeholder]]:
    """Codes without placeholders, and without values that a single project gives, which link nothing.

    :param of_row: project of each row.
    :returns: codes, shape (rows, attributes), and the placeholders that occurred, the most common first.
    """
    columns = [_Judged(attribute, of_row, rule) for attribute in found]
    placeholders = [one for column in columns for one in column.placeholders()]
    placeholders.sort(key=lambda one: (-one.projects, one.attribute, one.value))
    return np.column_stack([column.blanked() for column in columns]), placeholders


class _Judged:
    """One attribute of all rows, and which of its values may link."""

    def __init__(self, attribute: Attribute, of_row: Numbers, rule: Rule) -> None:
        self.attribute = attribute
        self.known = np.flatnonzero(attribute.codes != NOTHING)
        self.rows = np.bincount(attribute.codes[self.known], minlength=len(attribute.values))
        self.projects = self._projects_per_value(of_row)
        listed = pa.array(sorted(rule.listed.get(attribute.name, ())), pa.string())
        self.listed = pc.is_in(attribute.values, value_set=listed).to_numpy(zero_copy_only=False)
        self.common = self.projects > rule.most

    def _projects_per_value(self, of_row: Numbers) -> Numbers:
        """How many different projects give each value; a value of one row has one."""
        repeated = self.known[self.rows[self.attribute.codes[self.known]] > 1]
        width = int(of_row.max(initial=0)) + 1
        given = np.sort(self.attribute.codes[repeated] * width + of_row[repeated])
        values = given[np.flatnonzero(np.diff(given, prepend=NOTHING))] // width
        counts: Numbers = np.maximum(np.bincount(values, minlength=len(self.rows)), self.rows == 1)
        return counts

    def blanked(self) -> Numbers:
        links = ~self.listed & ~self.common & (self.projects > 1)
        codes: Numbers = self.attribute.codes.copy()
        codes[self.known[~links[codes[self.known]]]] = NOTHING
        return codes

    def placeholders(self) -> Iterator[Placeholder]:
        name, values = self.attribute.name, self.attribute.values
        for code in np.flatnonzero(self.listed | self.common).tolist():
            reason = LISTED if self.listed[code] else TOO_COMMON
            yield Placeholder(
                name, values[code].as_py(), reason, int(self.projects[code]), int(self.rows[code])
            )
