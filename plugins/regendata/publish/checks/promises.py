"""Reader contracts against a build: promised columns and types, and the readers' own queries."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from psycopg import sql

from regendata.models.contracts import Contract, Probe
from regendata.models.relation import Relation
from regendata.publish.checks.verdict import SAMPLES, Finding

#: Rows that a probe gives before it counts as running; a reader that copies a whole table is not copied.
_PROBED_ROWS = 100


def columns_statement(place: Relation) -> sql.Composed:
    """Name and type of each column of a relation."""
    return sql.SQL(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = to_regclass({}) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    ).format(sql.Literal(str(place)))


def judge_columns(
    contract: Contract, relation: Relation, found: Mapping[str, str], statement: str
) -> Finding:
    """Every promised column is there, with the promised type; more columns are welcome."""
    promised = contract.relations[relation]
    broken = [
        {"reader": contract.reader, "column": name, "promised": kind, "found": found.get(name)}
        for name, kind in promised.items()
        if found.get(name) != kind
    ]
    texts = [
        f"{one['column']} is gone"
        if one["found"] is None
        else f"{one['column']} is {one['found']}, not {one['promised']}"
        for one in broken
    ]
    figure = f"{len(broken)} of {len(promised)} columns" + (f": {'; '.join(texts)}" if texts else "")
    expected = f"what {contract.reader} was promised"
    return Finding(not broken, figure, expected, statement, tuple(broken[:SAMPLES]))


def mark(probe: Probe) -> str:
    """A comment that changes with the query, whatever build it runs on."""
    return f"/* query {hashlib.sha256(probe.select.encode()).hexdigest()[:12]} */"


def probe_statement(probe: Probe, places: Mapping[Relation, Relation]) -> sql.Composed:
    """The reader's query on the relations of a build, behind its :func:`mark`."""
    # The query stands in a file of this repository.
    return sql.SQL("{}\nSELECT * FROM (\n{}\n) AS probe LIMIT {}").format(
        sql.SQL(mark(probe)), sql.SQL(probe.pointed_at(places)), sql.Literal(_PROBED_ROWS)
    )


def judge_probe(contract: Contract, error: str | None, rows: int, statement: str) -> Finding:
    """Whether the reader's query runs.

    :param error: what the server said instead of giving rows.
    """
    figure = f"{rows} rows" if error is None else error
    return Finding(error is None, figure, f"the query of {contract.reader} runs", statement)
