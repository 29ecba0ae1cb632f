"""Does a source still offer the columns that models need?"""

from __future__ import annotations

import re

from regendata.exceptions import SourceColumnsChanged
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.sources import catalog
from regendata.sources.indexers import IndexerSource


def check_columns(source: IndexerSource, project: Project, remote: catalog.RemoteTables) -> None:
    """Compare every landed table with the source.

    :raises SourceColumnsChanged: naming table, column, and the models that read it.
    """
    found = []
    for name in source.tables:
        spec = project.tables[source.landed(name)]
        if name not in remote:
            found.append(f"table {name} was removed ({_read_by(project, spec.relation, None)})")
            continue
        for mismatch in catalog.mismatches(spec, remote[name]):
            readers = _read_by(project, spec.relation, mismatch.split(" ", 1)[0])
            found.append(f"{name}.{mismatch} ({readers})")
    if found:
        raise SourceColumnsChanged(
            f"{source.name}: " + "; ".join(found) + "; the last good data stays published"
        )


def _read_by(project: Project, relation: Relation, column: str | None) -> str:
    """Models that read a table and name the column anywhere: close enough to know where to look."""
    models = [
        str(model.relation)
        for model in project.readers(relation)
        if column is None or re.search(rf"\b{re.escape(column)}\b", model.select)
    ]
    return f"read by {', '.join(models)}" if models else "read by no model"
