"""Sandboxes for one test session or one benchmark."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox import postgres, processes
from sandbox.layout import Sandbox


@contextmanager
def temporary_sandbox() -> Iterator[Sandbox]:
    """An empty sandbox in a folder of its own; what was started in it is stopped at the end."""
    sandbox = Sandbox(Path(tempfile.mkdtemp(prefix="regendata-sandbox-")))
    try:
        yield sandbox
    finally:
        processes.stop_all(sandbox)
        postgres.destroy(sandbox)
        shutil.rmtree(sandbox.root)
