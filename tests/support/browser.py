"""Headless Chromium from the command line: a page's DOM once it has settled, or a picture of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

BINARY = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SETTLED_MS = 8_000
SECONDS = 90
#: Without these it looks up hosts of its maker at every start.
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
)  # fmt: skip


def dom(url: str, folder: Path, width: int = 1280, height: int = 2000) -> str:
    """The page as HTML, after scripts had their time."""
    return _run(["--dump-dom", *_window(width, height), url], folder)


def picture(url: str, folder: Path, width: int, height: int) -> Path:
    """A PNG of the page."""
    path = folder / f"{width}.png"
    _run([f"--screenshot={path}", *_window(width, height), url], folder)
    return path


def _window(width: int, height: int) -> tuple[str, str]:
    return f"--window-size={width},{height}", f"--virtual-time-budget={SETTLED_MS}"


def _run(arguments: list[str], folder: Path) -> str:
    command = [str(BINARY), *QUIET, f"--user-data-dir={folder / 'profile'}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    return done.stdout
