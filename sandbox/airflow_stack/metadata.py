"""Whether the metadata database already has the tables of the installed Airflow.

`airflow db check-migrations` answers that too, after seconds of imports. The revision found after a start
that went well is remembered with Airflow's version instead, and one small query compares.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TypedDict

import psycopg

from sandbox.bootstrap import METADATA
from sandbox.layout import Sandbox

SECTION = "airflow"


class Migrated(TypedDict, total=False):
    """Airflow's version and the database revision it left."""

    version: str
    revision: str


def needs_migration(sandbox: Sandbox) -> bool:
    """True for a new database, another Airflow version, or a revision that nobody remembers."""
    known = sandbox.state.read(SECTION)
    return known != _current(sandbox) or "revision" not in known


def remember_migration(sandbox: Sandbox) -> None:
    """Note the present revision as right for the installed Airflow."""
    current = _current(sandbox)
    with sandbox.state.edit(SECTION) as known:
        known.update(current)


def _current(sandbox: Sandbox) -> Migrated:
    revision = _revision(sandbox)
    installed = version("apache-airflow-core")
    return {"version": installed, "revision": revision} if revision else {"version": installed}


def _revision(sandbox: Sandbox) -> str | None:
    with psycopg.connect(sandbox.dsn(METADATA, METADATA)) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None
