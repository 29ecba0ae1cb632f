"""Typed access to the values of a YAML header; a wrong type is an error that shows the right form."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regendata.exceptions import ModelFileError

Names = tuple[str, ...]


@dataclass(frozen=True)
class Header:
    """One mapping of a file.

    :param path: file named in errors.
    """

    path: Path
    values: Mapping[str, Any]

    def text(self, key: str) -> str:
        """A text; empty when the key is missing."""
        return str(self.typed(key, str, "", "a text"))

    def names(self, key: str) -> Names:
        """A list of columns."""
        value = self.typed(key, list, [], "a list of columns, such as [id, chain_id]")
        return self._names(key, value)

    def name_lists(self, key: str) -> tuple[Names, ...]:
        """A list of lists of columns."""
        lists = self.typed(key, list, [], "a list of lists of columns, such as [[chain_id, round_id]]")
        return tuple(self._names(key, names) for names in lists)

    def name_or_names(self, key: str) -> Names:
        """One column or a list of them."""
        value = self.typed(
            key, (str, list), [], "a column or a list of columns, such as [chain_id, round_id]"
        )
        return (value,) if isinstance(value, str) else self._names(key, value)

    def mapping(self, key: str, form: str) -> dict[str, Any]:
        """A mapping; empty when the key is missing."""
        return {str(name): value for name, value in self.typed(key, dict, {}, form).items()}

    def number(self, key: str, default: float | None = None) -> float | None:
        """A number of percent, rows, days or USD; a flow such as ``5%`` is none."""
        value = self.typed(key, (int, float), default, "a number")
        return None if value is None else float(value)

    def inside(self, key: str, known: Collection[str], form: str) -> Header:
        """The mapping under a key as a header of its own, of known keys only."""
        inner = Header(self.path, self.mapping(key, form))
        inner.refuse_unknown(known, f"key of {key}")
        return inner

    def refuse_unknown(self, known: Collection[str], what: str) -> None:
        """:raises ModelFileError: naming the first key that is not known, and those that are."""
        unknown = sorted(set(self.values) - set(known), key=str)
        if unknown:
            raise ModelFileError(self.path, f"unknown {what} {unknown[0]!r}; known: {', '.join(known)}", 1)

    def typed(self, key: str, kind: Any, default: Any, form: str) -> Any:
        """:raises ModelFileError: for a value of another type, showing ``form``."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self.wrong(f"header key {key!r} must be {form}, not {value!r}")
        return value

    def wrong(self, message: str) -> ModelFileError:
        """An error about the header."""
        return ModelFileError(self.path, message, 1)

    def _names(self, key: str, value: Any) -> Names:
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise self.wrong(f"header key {key!r}: {value!r} is no list of columns")
        return tuple(value)
