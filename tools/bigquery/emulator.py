"""Start bqemulator, closer to BigQuery in one point; run by the Python it is installed for."""

from __future__ import annotations

import sys
from typing import Any

from bqemulator.cli import main
from bqemulator.jobs import executor


def load_parquet(path: str, target: str, context: Any) -> None:
    """DuckDB takes folders such as ``relay=x`` for columns by itself; BigQuery only when it is asked to."""
    rows = "SELECT * FROM read_parquet(?, hive_partitioning = false)"
    context.engine.execute(f"INSERT INTO {target} BY NAME {rows}", [path])


if __name__ == "__main__":
    executor._LOAD_FORMAT_HANDLERS["PARQUET"] = load_parquet
    sys.exit(main())
