"""The name of a table or view in the warehouse."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
_PART = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z_][A-Za-z0-9_]*)')


class Relation(NamedTuple):
    """A schema-qualified name; parts are as Postgres stores them (case kept, no quotes)."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    @classmethod
    def parse(cls, text: str) -> Relation:
        """Read ``schema.name`` or ``schema."Name"``; inverse of ``str``.

        :raises ValueError: when the text is no two-part name.
        """
        parts = _PART.findall(text)
        if len(parts) != 2 or ".".join(quoted(q.replace('""', '"') or p) for q, p in parts) != text:
            raise ValueError(f"not a schema-qualified name: {text!r}")
        return cls(*(q.replace('""', '"') or plain for q, plain in parts))

    @property
    def label(self) -> str:
        """The name as part of a task or group id: the bare name in snake case."""
        return re.sub(r"\W", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.name)).lower()


@dataclass(frozen=True)
class Reference:
    """One place where a SELECT names a relation; ``start`` to ``end`` (exclusive) are offsets in its text."""

    relation: Relation
    start: int
    end: int
    aliased: bool


def pointed(text: str, references: Sequence[Reference], places: Mapping[Relation, Relation | str]) -> str:
    """A SELECT with each reference found in ``places`` replaced there.

    Only names change, so Postgres runs the text its author wrote. A reference without alias keeps its
    bare name as alias, because columns may be qualified with it.

    :param references: places in the text, in its order.
    :param places: another relation, or any other item of FROM as text.
    """
    for reference in reversed(references):
        place = places.get(reference.relation)
        if place is None:
            continue
        alias = "" if reference.aliased else f" AS {quoted(reference.relation.name)}"
        text = f"{text[: reference.start]}{place}{alias}{text[reference.end :]}"
    return text


def quoted(part: str) -> str:
    """One part of a name as it stands in SQL: in double quotes unless plain lower case."""
    return part if _PLAIN.match(part) else '"' + part.replace('"', '""') + '"'
