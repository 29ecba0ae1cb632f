"""Ending a PostgreSQL cluster as a power cut would."""

from __future__ import annotations

import signal

from sandbox import postgres, processes
from sandbox.layout import Sandbox


def crash(sandbox: Sandbox) -> None:
    """Immediate shutdown: every process ends without writing anything more."""
    main = postgres.postmaster(sandbox)
    if main is None:
        raise RuntimeError("PostgreSQL does not run")
    processes.send(main, signal.SIGQUIT)
    if processes.wait_gone([main], 30):
        raise RuntimeError("PostgreSQL did not end")
