"""Rows as the CSV that COPY reads: every value quoted, NULL as nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence


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
