"""The page on which a person decides about a build, as markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regendata.publish.approval import Question

MOST_ROWS = 12
MOST_SAMPLES = 5
#: Would be read as markup, and names of projects hold anything.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#])")


@dataclass(frozen=True)
class Page:
    """What is known about a build that waits.

    :param in_use: the build that readers keep meanwhile; None before the first publish.
    :param diffs: as they stand in the receipt.
    :param until: when no answer counts as a rejection.
    """

    system: str
    build_id: int
    in_use: int | None
    questions: Sequence[Question]
    diffs: Sequence[Mapping[str, Any]]
    until: datetime

    @property
    def subject(self) -> str:
        return f"Publish build {self.build_id} of {self.system}?"

    @property
    def body(self) -> str:
        return "\n".join(
            [
                f"**Approve** publishes it. **Reject**, or no answer until {self.until:%Y-%m-%d %H:%M} UTC, "
                f"keeps {self._kept} in use. A newer run takes this build's place.",
                *self._asked(),
                *self._changed(),
                *self._where(),
                *self._rows(),
            ]
        )

    @property
    def _kept(self) -> str:
        return "nothing" if self.in_use is None else f"build {self.in_use}"

    def _asked(self) -> Iterator[str]:
        yield from _heading("What asks")
        yield from _table(
            ("relation", "check", "found", "expected"),
            ((one.relation or "all", one.check, one.figure, one.expected) for one in self.questions),
        )
        for one in self.questions:
            yield from (f"- {_code(sample)}" for sample in one.samples[:MOST_SAMPLES])

    def _changed(self) -> Iterator[str]:
        yield from _heading(f"What changed against {self._kept}")
        yield from _table(
            ("relation", "added", "removed", "changed", "most in columns", "remarks"),
            (
                (
                    diff["relation"],
                    *(_count(diff[what]) for what in ("added", "removed", "changed")),
                    ", ".join(f"{one['column']} ({one['rows']:,})" for one in diff["columns"][:3]),
                    "; ".join([*_shape(diff["shape"]), *filter(None, [diff["reason"], _estimated(diff)])]),
                )
                for diff in self.diffs
            ),
        )

    def _where(self) -> Iterator[str]:
        """By chain and round, in the relations somebody asks about."""
        for diff in self._asked_diffs():
            names = [name for name in ("chain_id", "round_id") if any(name in p for p in diff["partitions"])]
            if names:
                estimated = _estimated(diff)
                yield from _heading(f"{diff['relation']} by {' and '.join(names)}")
                yield from ([f"{estimated.capitalize()}.", ""] if estimated else [])
                yield from _table(
                    (*names, "added", "removed", "changed", "USD"),
                    (
                        (
                            *(str(part.get(name)) for name in names),
                            *(_count(part[what]) for what in ("added", "removed", "changed")),
                            "" if part["amount_usd"] is None else f"{part['amount_usd']:+,.2f}",
                        )
                        for part in diff["partitions"][:MOST_ROWS]
                    ),
                )

    def _rows(self) -> Iterator[str]:
        for diff in self._asked_diffs():
            if diff["samples"]:
                yield from _heading(f"Rows of {diff['relation']}")
                yield from (f"- {one['kind']}: {_code(_shown(one))}" for one in diff["samples"])

    def _asked_diffs(self) -> list[Mapping[str, Any]]:
        asked = {one.relation for one in self.questions}
        return [diff for diff in self.diffs if diff["relation"] in asked] or list(self.diffs[:1])


def _heading(text: str) -> Iterator[str]:
    yield from ("", f"#### {_escaped(text)}", "")


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(_escaped(cell) for cell in row)} |"
    yield ""


def _shown(sample: Mapping[str, Any]) -> Any:
    """The one side that there is, or both."""
    if sample["kind"] == "changed":
        return {name: sample[name] for name in sample if name != "kind"}
    return sample.get("after") or sample.get("before")


def _shape(shape: Mapping[str, Sequence[str]]) -> Iterator[str]:
    return (f"{what} {', '.join(names)}" for what, names in shape.items())


def _estimated(diff: Mapping[str, Any]) -> str:
    """How counts came about that are not exact."""
    share = diff["compared_share"]
    return f"estimated from {share:.1%} of the rows that may differ" if share < 1 else ""


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _code(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False).replace("`", "'")
    return f"`{text}`"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
