"""Errors of the generator, each naming what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class GeneratorError(Exception):
    """The sandbox's data could not be made."""


class ColumnMismatch(GeneratorError):
    """A generated row does not have the columns of its table file."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"columns that only the row or only the table has: {', '.join(names)}")


class MissingData(GeneratorError):
    """A file of the real data is not where it should be."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is missing: DATA must name a folder that holds grants/{path.name}")


class UnexpectedData(GeneratorError):
    """A file of the real data does not have the shape it should have."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
