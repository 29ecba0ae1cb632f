"""Sandboxes for one test session or one benchmark."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from sandbox import postgres, processes
from sandbox.layout import Sandbox

MEMORY = Path("/dev/shm")
#: Free there, and free in all, so that a full suite leaves room for what it tests.
LEAST_IN_MEMORY, LEAST_AVAILABLE = 4 << 30, 8 << 30


def folder_for_sandboxes() -> Path | None:
    """Memory where there is enough, since a database is made there in a sixth of the time; or the default.

    TMPDIR decides where somebody set it.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return None
    is_roomy = psutil.disk_usage(str(MEMORY)).free >= LEAST_IN_MEMORY
    return MEMORY if is_roomy and psutil.virtual_memory().available >= LEAST_AVAILABLE else None


@contextmanager
def temporary_sandbox() -> Iterator[Sandbox]:
    """An empty sandbox in a folder of its own; what was started in it is stopped at the end."""
    sandbox = Sandbox(Path(tempfile.mkdtemp(prefix="regendata-sandbox-", dir=folder_for_sandboxes())))
    try:
        yield sandbox
    finally:
        processes.stop_all(sandbox)
        postgres.destroy(sandbox)
        shutil.rmtree(sandbox.root)
