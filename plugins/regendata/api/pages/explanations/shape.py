"""What an explanation consists of; a system offers one by an :class:`Explainer` in the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from regendata.hooks.postgres import PgConnection

#: Values of the form, by the names of its fields; a field that is not filled in is absent or empty.
Asked = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """One field of the form.

    :param kind: type of the input; ``select`` where there are options.
    """

    name: str
    title: str
    value: str
    kind: str = "text"
    options: Sequence[str] = ()


@dataclass(frozen=True)
class Cell:
    """A value in a table, with where it leads."""

    text: str
    href: str | None = None


@dataclass(frozen=True)
class Table:
    """Rows of text; columns named in ``numbers`` stand to the right."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    numbers: frozenset[str] = frozenset()
    note: str = ""


@dataclass(frozen=True)
class Explanation:
    """One figure.

    :param facts: name and value, the published figure first and what it is computed to beside it.
    :param relation: what readers see the figure in.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Table]
    relation: str


@dataclass(frozen=True)
class Explainer:
    """How one system explains its figures.

    :param system: whose builds the figures are published by.
    :param needs: a relation without which there is nothing to explain yet.
    :param explain: None where there is no such figure.
    :param examples: figures to choose from.
    """

    name: str
    system: str
    about: str
    needs: str
    fields: Callable[[PgConnection, Asked], Sequence[Field]]
    explain: Callable[[PgConnection, Asked], Explanation | None]
    missing: Callable[[Asked], str]
    examples: Callable[[PgConnection, Asked], Table]
