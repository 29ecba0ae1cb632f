"""Write the schemas of BigQuery's tables for Terraform: `python -m infra.mev_boost_schemas`."""

from __future__ import annotations

import json
from pathlib import Path

from regendata import paths
from regendata.sources.mev_boost.schema import ENDPOINTS, bigquery_schema

FOLDER = paths.REPOSITORY / "infra" / "terraform" / "mev_boost" / "schemas"


def files() -> dict[Path, str]:
    """Content of each file, from the one list of fields."""
    return {
        FOLDER / f"{endpoint}.json": json.dumps(bigquery_schema(endpoint), indent=2) + "\n"
        for endpoint in ENDPOINTS
    }


def main() -> None:
    """Write them."""
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
