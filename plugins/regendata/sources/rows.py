"""Rows as the CSV that COPY reads (every value quoted, NULL as nothing), and cells that keep a row out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class BadCell:
    """The cell for which a row was left out; ``row`` is its number as a person counts, from 1."""

    row: int
    column: str
    value: str | None
    reason: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.value!r} {self.reason}"


def as_csv(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """One line per row. An empty text stays an empty text; only None becomes NULL."""
    for row in rows:
        yield (",".join(_field(value) for value in row) + "\n").encode()


def fingerprint(parts: Iterable[object]) -> str:
    """Hash of anything with a stable repr."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(part).encode())
    return digest.hexdigest()


def _field(value: object) -> str:
    return "" if value is None else '"' + str(value).replace('"', '""') + '"'
