"""Binary COPY from one database into another by two psql, so that no line of Python is in the way."""

from __future__ import annotations

import os
import subprocess

from psycopg.conninfo import conninfo_to_dict

from sandbox import postgres

LIBPQ_VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
}


def pipe(source_dsn: str, copy_from_source: str, target_dsn: str, copy_into_target: str) -> None:
    """Both COPY at once, bytes going straight from one to the other.

    :raises subprocess.CalledProcessError: one of them failed.
    """
    with subprocess.Popen(
        _psql(copy_from_source), env=_environment(source_dsn), stdout=subprocess.PIPE
    ) as reading:
        subprocess.run(
            _psql(copy_into_target),
            env=_environment(target_dsn),
            stdin=reading.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    if reading.returncode:
        raise subprocess.CalledProcessError(reading.returncode, reading.args)


def _psql(statement: str) -> list[str]:
    return [postgres.program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "-c", statement]


def _environment(dsn: str) -> dict[str, str]:
    """The password stays off the command line."""
    target = conninfo_to_dict(dsn)
    return {**os.environ, **{variable: str(target[key]) for key, variable in LIBPQ_VARIABLES.items()}}
