"""Write the schemas of BigQuery's tables for Terraform: `python -m infra.mev_boost_schemas`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from regendata import paths
from regendata.models.tables import read_table
from regendata.sources.mev_boost.days import DAY_TABLES, SCHEMA, SIGNATURES, derived_schema
from regendata.sources.mev_boost.schema import DAY, ENDPOINTS, bigquery_schema

#: BigQuery cuts its tables by a column that Postgres has no need of.
_ONLY_HERE = {DAY.name: "UTC date on which the slot began."}
FOLDER = paths.REPOSITORY / "infra" / "terraform" / "mev_boost" / "schemas"


def files() -> dict[Path, str]:
    """Content of each file: rows from the one list of fields, what is derived from its tables in Postgres."""
    schemas = {endpoint: bigquery_schema(endpoint) for endpoint in ENDPOINTS}
    schemas |= {table: derived_schema(table) for table in (*DAY_TABLES, SIGNATURES)}
    return {FOLDER / f"{name}.json": _described(name, fields) for name, fields in schemas.items()}


def _described(table: str, fields: list[dict[str, Any]]) -> str:
    """With what the table's file in ``include/sql`` says of its columns."""
    told = _ONLY_HERE | dict(read_table(paths.TABLES / SCHEMA / f"{table}.sql").descriptions)
    return json.dumps([field | {"description": told[field["name"]]} for field in fields], indent=2) + "\n"


def main() -> None:
    """Write them."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
