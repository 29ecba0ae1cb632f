"""Terraform files as Python values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hcl2


def read_terraform(path: Path) -> dict[str, Any]:
    """A .tf or .tfvars file as python-hcl2 parses it, texts without quotes."""
    return dict(_plain(hcl2.loads(path.read_text(encoding="utf-8"))))


def _plain(value: Any) -> Any:
    """Values without the quotes that newer parsers keep."""
    if isinstance(value, str):
        return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    return value
