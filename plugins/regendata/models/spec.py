"""A model: one SELECT that becomes a materialized view, and what its header promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from regendata.exceptions import ModelFileError
from regendata.models import files
from regendata.models.relation import Reference, Relation, quoted

HEADER_KEYS = ("description", "unique_key", "indexes", "amount", "columns", "checks")


@dataclass(frozen=True)
class Checks:
    """What must hold before a build goes out.

    :param min_rows: fewest rows allowed.
    :param not_null: columns without NULL.
    :param max_fall_pct: by how many percent rows and USD total may fall below what is published.
    """

    min_rows: int = 0
    not_null: tuple[str, ...] = ()
    max_fall_pct: float | None = None


@dataclass(frozen=True)
class ModelSpec:
    """One model file, read and checked. Column names are as Postgres stores them."""

    relation: Relation
    path: Path
    description: str
    select: str
    references: tuple[Reference, ...]
    unique_key: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    amount: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    checks: Checks = Checks()

    @property
    def depends_on(self) -> frozenset[Relation]:
        """Relations the SELECT reads."""
        return frozenset(reference.relation for reference in self.references)

    def pointed_at(self, places: Mapping[Relation, Relation]) -> str:
        """The SELECT with each reference found in ``places`` replaced there.

        Only names change, so Postgres runs the text its author wrote. A reference without alias keeps its
        bare name as alias, because columns may be qualified with it.
        """
        text = self.select
        for reference in reversed(self.references):
            place = places.get(reference.relation)
            if place is None:
                continue
            alias = "" if reference.aliased else f" AS {quoted(reference.relation.name)}"
            text = f"{text[: reference.start]}{place}{alias}{text[reference.end :]}"
        return text


def read_model(path: Path) -> ModelSpec:
    """Read one model file.

    :raises ModelFileError: naming file, line and the way out.
    """
    from regendata.models import lineage

    file = files.read(path, HEADER_KEYS)
    header = _Header(path, file.header)
    return ModelSpec(
        relation=file.relation,
        path=path,
        description=header.text("description"),
        select=file.body,
        references=lineage.references(file.body, path, file.body_line),
        unique_key=header.names("unique_key"),
        indexes=header.name_lists("indexes"),
        amount=header.text("amount") or None,
        columns=header.described_columns("columns"),
        checks=header.checks(),
    )


@dataclass(frozen=True)
class _Header:
    """Typed access to header values; a wrong type is an error that shows the right form."""

    path: Path
    values: Mapping[str, Any]

    def text(self, key: str) -> str:
        return str(self._typed(key, str, "", "a text"))

    def names(self, key: str) -> tuple[str, ...]:
        return _names(
            self._typed(key, list, [], "a list of columns, such as [id, chain_id]"), self._wrong(key)
        )

    def name_lists(self, key: str) -> tuple[tuple[str, ...], ...]:
        lists = self._typed(key, list, [], "a list of lists of columns, such as [[chain_id, round_id]]")
        return tuple(_names(names, self._wrong(key)) for names in lists)

    def described_columns(self, key: str) -> tuple[tuple[str, str], ...]:
        columns = self._typed(key, dict, {}, "a mapping of column to description")
        return tuple((str(name), str(text)) for name, text in columns.items())

    def checks(self) -> Checks:
        given = self._typed("checks", dict, {}, "a mapping, such as {min_rows: 1, not_null: [id]}")
        known = [field.name for field in fields(Checks)]
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise ModelFileError(
                self.path, f"unknown check {unknown[0]!r}; known checks: {', '.join(known)}", 1
            )
        given = _Header(self.path, given)
        fall = given._typed("max_fall_pct", (int, float), None, "a number of percent")
        return Checks(
            min_rows=given._typed("min_rows", int, 0, "a whole number"),
            not_null=given.names("not_null"),
            max_fall_pct=None if fall is None else float(fall),
        )

    def _typed(self, key: str, kind: Any, default: Any, form: str) -> Any:
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ModelFileError(self.path, f"header key {key!r} must be {form}, not {value!r}", 1)
        return value

    def _wrong(self, key: str) -> Callable[[Any], ModelFileError]:
        return lambda value: ModelFileError(
            self.path, f"header key {key!r}: {value!r} is no list of columns", 1
        )


def _names(value: Any, wrong: Callable[[Any], ModelFileError]) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise wrong(value)
    return tuple(value)
