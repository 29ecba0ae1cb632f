"""Where things stand in the repository. The only module that knows the folder layout."""

from __future__ import annotations

import os
from pathlib import Path

# A deployment may ship include/ elsewhere than beside plugins/.
REPOSITORY = Path(os.environ.get("REGENDATA_ROOT") or Path(__file__).resolve().parents[2])
INCLUDE = REPOSITORY / "include"
SQL = INCLUDE / "sql"
TABLES = SQL / "tables"
VIEWS = SQL / "views"
STEPS = SQL / "steps"
#: SQL in BigQuery's dialect; everything below SQL is Postgres's.
BIGQUERY = INCLUDE / "bigquery"
STATIC_DATA = INCLUDE / "static_data"
PERMISSIONS = INCLUDE / "permissions.yaml"
SIGN_UP_PERMISSIONS = INCLUDE / "sign_up_permissions.yaml"
CONTRACTS = INCLUDE / "contracts"
PAGES = INCLUDE / "pages"
EXPORTS = INCLUDE / "exports.yaml"
VERIFIER = INCLUDE / "exports" / "verify.py"
WAIVERS = INCLUDE / "waivers.yaml"


def models_of(system: str) -> Path:
    """Folder of the model files of one system, such as ``grants``."""
    return SQL / system


def shown(path: Path) -> str:
    """The path as people see it in messages: relative to the repository where it stands inside."""
    return str(path.relative_to(REPOSITORY)) if path.is_relative_to(REPOSITORY) else str(path)
