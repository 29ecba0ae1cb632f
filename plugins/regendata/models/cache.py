"""What was read from files, remembered while they stay the same.

Every task process imports its DAG file. Reading all models there costs more than many a task, so the result
is kept under a hash of the files and of the code and parser that read them: in the process, and in the
user's own cache folder for the next one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_DIGEST_BYTES = 32


def _code_stamp(folder: Path) -> bytes:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(f"{path}\0".encode())
        digest.update(path.read_bytes())
    return digest.digest()


#: Of the code as it was when this process read it. A process that outlives an upgrade goes on reading models
#: its old way, and must not leave what it reads to those that know the new one.
_CODE = _code_stamp(Path(__file__).parent)
_in_process: dict[str, object] = {}


def remembered(name: str, folders: Iterable[Path], read: Callable[[], T], pattern: str = "*/*.sql") -> T:
    """The value of ``read()`` for the present content of all files of a pattern below ``folders``."""
    stamped = list(folders)
    key = f"{name}-{_stamp(stamped, pattern)}"
    if key not in _in_process:
        _in_process[key] = _from_disk(key, read, lambda: key == f"{name}-{_stamp(stamped, pattern)}")
    return _in_process[key]  # type: ignore[return-value]


def _stamp(folders: Iterable[Path], pattern: str) -> str:
    digest = hashlib.sha256(_parser_version().encode() + _CODE)
    for path in (path for folder in folders for path in sorted(folder.glob(pattern))):
        digest.update(f"{path}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


@cache
def _parser_version() -> str:
    """Looking it up searches every folder of installed packages."""
    return version("sqlglot")


def _from_disk(key: str, read: Callable[[], T], still_same: Callable[[], bool]) -> T:
    """A cache that cannot be read or written costs time, never a failure.

    :param still_same: whether the files are still those of the key; what was read while somebody edited them
        is for this process alone.
    """
    path = _folder() / f"{key}.pickle"
    with contextlib.suppress(OSError):
        digest, content = _parts(path.read_bytes())
        # A damaged pickle can raise anything, so damage is found before it is unpickled.
        if digest == hashlib.sha256(content).digest():
            return pickle.loads(content)  # type: ignore[no-any-return]
    value = read()
    if not still_same():
        return value
    with contextlib.suppress(OSError):
        content = pickle.dumps(value)
        _write(path, hashlib.sha256(content).digest() + content)
    return value


def _parts(file: bytes) -> tuple[bytes, bytes]:
    """A cache file as checksum and pickle."""
    return file[:_DIGEST_BYTES], file[_DIGEST_BYTES:]


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "regendata"


def _write(path: Path, content: bytes) -> None:
    """Replace in one step: tasks start side by side."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    os.replace(file.name, path)
