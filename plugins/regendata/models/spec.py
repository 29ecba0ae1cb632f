"""A model: one SELECT whose rows are kept as a table, and what its header promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from regendata.models import files
from regendata.models.check_header import read_checks
from regendata.models.checks import Rule
from regendata.models.growth import Growth, read_growth
from regendata.models.header import Header
from regendata.models.relation import Reference, Relation, pointed

HEADER_KEYS = (
    "description",
    "kind",
    "unique_key",
    "indexes",
    "amount",
    "timestamp",
    "grows",
    "columns",
    "checks",
)
#: What only a model has that stores its rows.
_STORED_KEYS = ("indexes", "grows", "checks")


@dataclass(frozen=True)
class ModelSpec:
    """One model file, read and checked. Column names are as Postgres stores them.

    :param amount: SQL expression of a row that totals add up, in USD.
    :param timestamp: column that tells when a row happened.
    :param growth: how it can be extended by new rows alone; None when it cannot.
    :param is_view: whether it stores nothing and is worked out when it is read.
    :param counted_by: of a view, relations that together have as many rows; empty where it must be counted.
    """

    relation: Relation
    path: Path
    description: str
    select: str
    references: tuple[Reference, ...]
    unique_key: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    amount: str | None = None
    timestamp: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    checks: tuple[Rule, ...] = ()
    growth: Growth | None = None
    is_view: bool = False
    counted_by: tuple[Relation, ...] = ()

    @property
    def depends_on(self) -> frozenset[Relation]:
        """Relations the SELECT reads."""
        return frozenset(reference.relation for reference in self.references)

    def pointed_at(self, places: Mapping[Relation, Relation | str]) -> str:
        """The SELECT with each reference found in ``places`` replaced there."""
        return pointed(self.select, self.references, places)


def read_model(path: Path) -> ModelSpec:
    """Read one model file.

    :raises ModelFileError: naming file, line and the way out.
    """
    from regendata.models import lineage, row_counts

    file = files.read(path, HEADER_KEYS)
    header = Header(path, file.header)
    timestamp = header.text("timestamp") or None
    described = header.mapping("columns", "a mapping of column to description")
    references = lineage.references(file.body, path, file.body_line)
    unique_key = header.names("unique_key")
    is_view = _is_view(header)
    return ModelSpec(
        relation=file.relation,
        path=path,
        description=header.text("description"),
        select=file.body,
        references=references,
        unique_key=unique_key,
        indexes=header.name_lists("indexes"),
        amount=header.text("amount") or None,
        timestamp=timestamp,
        columns=tuple((name, str(text)) for name, text in described.items()),
        checks=read_checks(path, file.header.get("checks"), timestamp),
        growth=read_growth(header, {one.relation for one in references}, unique_key),
        is_view=is_view,
        counted_by=row_counts.one_row_each(file.body) if is_view else (),
    )


def _is_view(header: Header) -> bool:
    kind = header.text("kind")
    if kind not in ("", "view"):
        raise header.wrong(f"header key 'kind' must be view, not {kind!r}; without it rows are stored")
    stored = [key for key in _STORED_KEYS if kind and key in header.values]
    if stored:
        raise header.wrong(f"a view stores nothing: {', '.join(stored)} belong to what it reads")
    return bool(kind)
