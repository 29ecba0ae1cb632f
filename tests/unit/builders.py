"""Models and tables made from a few words, as files or as specs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from regendata.models.project import Project, read_project
from regendata.models.relation import Reference, Relation
from regendata.models.spec import ModelSpec
from regendata.models.tables import Column, TableSpec


def write_model(folder: Path, name: str, select: str, header: str = "description: A model.") -> Path:
    """A model file; `name` is `schema.relation`."""
    return _write(folder, name, f"/*\n{header}\n*/\n{select}\n")


def write_table(folder: Path, name: str, columns: str = "id bigint") -> Path:
    """A table file of that name."""
    return _write(folder, name, f"/*\ndescription: A table.\n*/\nCREATE TABLE {name} (\n  {columns}\n);\n")


def _write(folder: Path, name: str, text: str) -> Path:
    relation = Relation.parse(name)
    path = folder / relation.schema / f"{relation.name}.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def project_of(
    folder: Path, models: Mapping[str, Iterable[str]], tables: Iterable[str] = ("landing.source",)
) -> Project:
    """The project of files in which each model reads the relations given for it.

    :raises ModelFileError: as `read_project`.
    """
    for name in tables:
        write_table(folder / "tables", name)
    for name, reads in models.items():
        sources = ", ".join(f"{one} AS s{number}" for number, one in enumerate(reads))
        write_model(folder / "models", name, f"SELECT 1 AS one FROM {sources}" if sources else "SELECT 1")
    return read_project("grants", folder / "models", folder / "tables")


def model(name: str = "public.rounds", reads: Iterable[str] = (), **given: Any) -> ModelSpec:
    """A spec without a file; `given` replaces what a header or the SELECT would say."""
    references = tuple(Reference(Relation.parse(one), 0, 0, aliased=True) for one in reads)
    given = {"description": "", "select": "SELECT 1", **given}
    return ModelSpec(relation=Relation.parse(name), path=Path("m.sql"), references=references, **given)


def table(name: str, /, **columns: str) -> TableSpec:
    """A table spec without a file; column name -> type."""
    declared = tuple(Column(column, type_, f"{column} {type_}") for column, type_ in columns.items())
    return TableSpec(Relation.parse(name), Path("t.sql"), "", declared, "")
