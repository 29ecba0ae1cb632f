"""Write the schemas of BigQuery's tables for Terraform: `python -m infra.mev_boost_schemas`."""

from __future__ import annotations

import json
from pathlib import Path

from regendata import paths
from regendata.sources.mev_boost.days import DAY_TABLES, SIGNATURES, derived_schema
from regendata.sources.mev_boost.schema import ENDPOINTS, bigquery_schema

FOLDER = paths.REPOSITORY / "infra" / "terraform" / "mev_boost" / "schemas"


def files() -> dict[Path, str]:
    """Content of each file: rows from the one list of fields, what is derived from its tables in Postgres."""
    schemas = {endpoint: bigquery_schema(endpoint) for endpoint in ENDPOINTS}
    schemas |= {table: derived_schema(table) for table in (*DAY_TABLES, SIGNATURES)}
    return {FOLDER / f"{name}.json": json.dumps(fields, indent=2) + "\n" for name, fields in schemas.items()}


def main() -> None:
    """Write them."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
