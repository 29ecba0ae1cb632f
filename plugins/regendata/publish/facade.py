"""Facades: views with a stable name over relations that are replaced as a whole.

Published relations and landed tables both stand behind one. Pointing a facade elsewhere keeps its OID, its
grants and everybody's views on it, and takes one short lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from regendata.exceptions import FacadeConflict
from regendata.models.relation import Relation

#: Longest name Postgres keeps.
MAX_NAME = 63


@dataclass(frozen=True)
class Facade:
    """One facade and where it is to point.

    :param columns: columns of ``target``, in its order.
    :param existing: columns the facade shows now, in its order; empty when there is none yet.
    """

    name: Relation
    target: Relation
    columns: tuple[str, ...]
    existing: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """What the facade will show: readers' columns where they are, new ones behind them.

        :raises FacadeConflict: a column that readers see would disappear.
        """
        gone = [column for column in self.existing if column not in self.columns]
        if gone:
            raise FacadeConflict(
                f"{self.name} would lose column {', '.join(gone)}; readers and their views may use it. "
                "Keep the column in the model, or drop the view by hand when nobody reads it"
            )
        return self.existing + tuple(column for column in self.columns if column not in self.existing)

    def statement(self) -> sql.Composed:
        """CREATE OR REPLACE VIEW; keeps OID, grants and dependents."""
        columns = sql.SQL(", ").join(sql.Identifier(column) for column in self.shown)
        return sql.SQL("CREATE OR REPLACE VIEW {} AS SELECT {} FROM {}").format(
            sql.Identifier(*self.name), columns, sql.Identifier(*self.target)
        )


def physical(schema: str, relation: Relation) -> Relation:
    """Where a relation stands inside a versioned schema: ``public.rounds`` -> ``<schema>.rounds``.

    Only ``public`` and ``landing`` go without their schema in the name, so that two names never meet.
    """
    name = (
        relation.name if relation.schema in ("public", "landing") else f"{relation.schema}__{relation.name}"
    )
    if len(name.encode()) > MAX_NAME:
        raise FacadeConflict(f"{relation}: the name {name} is longer than {MAX_NAME} bytes")
    return Relation(schema, name)


def lock_statement(facades: Sequence[Relation]) -> sql.Composed:
    """One LOCK for all facades, in one fixed order, so that two publishers never wait for each other."""
    names = sql.SQL(", ").join(sql.Identifier(*name) for name in sorted(facades))
    return sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names)
