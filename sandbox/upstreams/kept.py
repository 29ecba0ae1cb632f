"""What a stand-in was told to keep (users, mails, posts): rows of a JSON file in the folder it serves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.state import write_private

Row = dict[str, Any]


@dataclass(frozen=True)
class Kept:
    """Rows in the order in which they came; none while there is no file."""

    path: Path

    def rows(self) -> list[Row]:
        return list(json.loads(self.path.read_text(encoding="utf-8"))) if self.path.exists() else []

    def add(self, row: Row) -> Row:
        write_private(self.path, json.dumps([*self.rows(), row], indent=1))
        return row
