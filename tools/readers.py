"""Who breaks when a column goes: `make readers COLUMN=public.donations.amount_in_usd`.

Read from the files alone: contracts of readers, SQL of models, checks. Ends with 1 when somebody breaks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from regendata import paths
from regendata.exceptions import RegendataError
from regendata.models.column_use import Impact, Promise, impact
from regendata.models.contracts import load_contracts
from regendata.models.project import Project, load_project
from regendata.models.relation import Relation, quoted


def main(arguments: Sequence[str]) -> int:
    """0 when nobody needs the column, 1 when somebody does, 2 when there is no such column."""
    try:
        relation, column = read_name(arguments[0] if arguments else "")
        projects = [load_project(folder.name) for folder in _systems()]
        known = columns_of(projects, relation)
        if column not in known:
            raise ValueError(f"{relation} has no column {column!r}; it has {', '.join(known) or 'no file'}")
    except (ValueError, RegendataError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    found = impact(projects, load_contracts(paths.CONTRACTS), relation, column)
    sys.stdout.write("\n".join(told(found, relation, column)) + "\n")
    return 1 if found.models or found.promises or found.checks else 0


def read_name(text: str) -> tuple[Relation, str]:
    """``schema.table.column``; names with capitals in double quotes, or the column without them."""
    place, _, column = text.rpartition(".")
    if not place:
        raise ValueError("say which column: schema.table.column, such as public.donations.amount_in_usd")
    return Relation.parse(place), column.strip('"')


def columns_of(projects: Sequence[Project], relation: Relation) -> tuple[str, ...]:
    """Columns that a model's header or a table's file names."""
    for project in projects:
        if relation in project.models:
            return tuple(name for name, _ in project.models[relation].columns)
        if relation in project.tables:
            return project.tables[relation].column_names
    return ()


def told(found: Impact, relation: Relation, column: str) -> Iterator[str]:
    """The answer, line by line."""
    yield f"Without {relation}.{quoted(column)}"
    yield from _part("these readers lose what they were promised", map(_promise, found.promises))
    yield from _part("these models cannot be built", map(str, found.models))
    yield from _part("these stand still with them", map(str, found.downstream))
    starved = (f"{reader}: {', '.join(map(str, names))}" for reader, names in found.starved.items())
    yield from _part("these readers get no new rows in", starved)
    yield from _part("these checks of its own header fail", found.checks)
    if not (found.promises or found.models or found.checks):
        yield "  nobody we know of breaks"


def _promise(promise: Promise) -> str:
    queries = f": query {', '.join(map(repr, promise.probes))}" if promise.probes else ""
    return f"{promise.reader} ({promise.type}){queries}"


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"  {title}:"
        yield from (f"    {line}" for line in found)


def _systems() -> list[Path]:
    """Folders of models."""
    others = {paths.TABLES, paths.VIEWS, paths.STEPS}
    return [folder for folder in sorted(paths.SQL.iterdir()) if folder not in others]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
