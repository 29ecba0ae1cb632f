"""Values that say nothing about who a project is: listed ones, and ones that too many projects give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from regendata.sources.project_groups.alike import NOTHING, Numbers, column, runs
from regendata.sources.project_groups.cleaning import ATTRIBUTES, clean

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


def blanked(rows: pa.Table, of_row: Numbers, rule: Rule) -> tuple[Numbers, list[Placeholder]]:
    """Attribute values as numbers, without placeholders and values that a single project gives.

    :param rows: the attributes, cleaned.
    :param of_row: project of each row.
    :returns: numbers, shape (attributes, rows), NOTHING for what links nothing; and the placeholders that
        occurred, the most common first.
    """
    columns = [_Judged(name, column(rows, name), of_row, rule) for name in ATTRIBUTES]
    placeholders = [one for column in columns for one in column.placeholders()]
    placeholders.sort(key=lambda one: (-one.projects, one.attribute, one.value))
    return np.stack([column.codes() for column in columns]), placeholders


class _Judged:
    """One attribute of all rows, and which of its values may link."""

    def __init__(self, name: str, texts: pa.Array, of_row: Numbers, rule: Rule) -> None:
        self.name, self.texts = name, texts
        self.runs = runs([texts])
        self.projects = self._projects_per_value(of_row)
        self.common = self.projects > rule.most
        self.is_listed = self._listed(rule)
        self.listed = self.is_listed[self.runs.firsts]

    def _projects_per_value(self, of_row: Numbers) -> Numbers:
        """How many different projects give each value that several rows have."""
        width = int(of_row.max(initial=0)) + 1
        given = np.sort(self.runs.spread(np.arange(len(self.runs))) * width + of_row[self.runs.rows])
        values = given[np.flatnonzero(np.diff(given, prepend=NOTHING))] // width
        return np.bincount(values, minlength=len(self.runs))

    def _listed(self, rule: Rule) -> npt.NDArray[np.bool_]:
        """Whether the value of each row is listed."""
        listed = sorted(rule.listed.get(self.name, ()))
        if not listed:
            return np.zeros(len(self.texts), dtype=bool)
        found = pc.is_in(self.texts, value_set=pa.array(listed, pa.string()))
        return np.asarray(found.to_numpy(zero_copy_only=False))

    def codes(self) -> Numbers:
        links = ~self.listed & ~self.common & (self.projects > 1)
        codes = np.full(len(self.texts), NOTHING)
        codes[self.runs.rows] = self.runs.spread(np.where(links, np.arange(len(self.runs)), NOTHING))
        return codes

    def placeholders(self) -> Iterator[Placeholder]:
        for run in np.flatnonzero(self.listed | self.common).tolist():
            reason = LISTED if self.listed[run] else TOO_COMMON
            yield self._placeholder(self.runs.firsts[run], reason, self.projects[run], self.runs.lengths[run])
        alone = self.is_listed.copy()
        alone[self.runs.rows] = False
        for row in np.flatnonzero(alone).tolist():
            yield self._placeholder(row, LISTED, 1, 1)

    def _placeholder(self, row: int, reason: str, projects: int, rows: int) -> Placeholder:
        return Placeholder(self.name, self.texts[int(row)].as_py(), reason, int(projects), int(rows))
