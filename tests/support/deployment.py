"""What the deployment's scripts make, made for a test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from regendata import paths

BASH_ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C"}


def made_secrets(folder: Path) -> dict[str, str]:
    """Run infra/secrets.sh for real; text by file name."""
    script = paths.REPOSITORY / "infra" / "secrets.sh"
    subprocess.run([str(script), str(folder)], check=True, capture_output=True, env=BASH_ENVIRONMENT)
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}
