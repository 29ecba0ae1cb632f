"""Facades: views with a stable name over relations that are replaced as a whole.

Published relations and landed tables both stand behind one. Pointing a facade elsewhere keeps its OID, its
grants and everybody's views on it, and takes one short lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    :param retyped: columns of both whose type differs.
    :param options: of the view, such as ``security_barrier=true``; left out they would be reset.
    :param owner: of the view where it is not the engine; it has to be allowed to read the target.
    """

    name: Relation
    target: Relation
    columns: tuple[str, ...]
    existing: tuple[str, ...] = ()
    retyped: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    owner: str | None = None

    @property
    def gone(self) -> tuple[str, ...]:
        """Columns readers see that the target lacks. A renamed column is one gone and one new."""
        return tuple(column for column in self.existing if column not in self.columns)

    @property
    def reshaped(self) -> bool:
        """Whether the view has to be made anew: Postgres only appends columns to one that stands."""
        return bool(self.gone or self.retyped)

    @property
    def shown(self) -> tuple[str, ...]:
        """What the facade will show: readers' columns where they are, new ones behind them."""
        kept = tuple(column for column in self.existing if column in self.columns)
        return kept + tuple(column for column in self.columns if column not in self.existing)

    def access(self) -> Iterator[sql.Composed]:
        """What another owner needs: readers reach the target with the rights of the view's owner."""
        if self.owner is not None:
            schema, owner = sql.Identifier(self.target.schema), sql.Identifier(self.owner)
            yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, owner)
            yield sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(*self.target), owner)

    def statement(self, schema: str | None = None) -> sql.Composed:
        """CREATE OR REPLACE VIEW; keeps OID, grants and dependents of one that stands.

        :param schema: where to make it in place of its own schema.
        """
        columns = sql.SQL(", ").join(sql.Identifier(column) for column in self.shown)
        return sql.SQL("CREATE OR REPLACE VIEW {}{} AS SELECT {} FROM {}").format(
            sql.Identifier(schema or self.name.schema, self.name.name),
            with_options(self.options),
            columns,
            sql.Identifier(*self.target),
        )


def with_options(options: Sequence[str]) -> sql.Composed:
    """Options as the catalog keeps them, ``name=value``, as a WITH clause; nothing for none."""
    parts = (option.partition("=") for option in options)
    listed = [sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value)) for name, _, value in parts]
    if not listed:
        return sql.Composed([])
    return sql.SQL(" WITH ({})").format(sql.SQL(", ").join(listed))


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
