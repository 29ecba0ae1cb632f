"""The peak of memory of a program, as the kernel counts it."""

from __future__ import annotations

import re
import resource
from pathlib import Path

MEGABYTE = 1 << 20
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
#: Sets the high water mark to what is resident now (man 5 proc).
_FORGET = "5"


def forget_peak() -> None:
    """Have ``peak_bytes`` begin anew, where the kernel can."""
    if CLEAR.exists():
        CLEAR.write_text(_FORGET)


def peak_bytes() -> int:
    """Most resident memory of this process so far.

    A child starts with its parent's `ru_maxrss`; the high water mark of /proc begins anew with each program.
    """
    if not STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    found = re.search(r"^VmHWM:\s+(\d+) kB$", STATUS.read_text(), re.MULTILINE)
    return 1024 * int(found[1]) if found else 0
