"""Rules about the text of the repository that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from regendata import paths

MOST_DAG_LINES = 60
MOST_FILE_LINES = 300
FOLDERS = ("dags", "plugins", "include")
PURE = ("exceptions.py", "models", "paths.py", "publish", "settings.py", "sources")
#: What a DAG file, or what it calls while it is imported, must not ask for.
ASKED_AT_PARSE_TIME = re.compile(r"\bVariable\b|getenv|environ\b|\bnow\(|\butcnow\(|get_connection")


def _files(*suffixes: str) -> list[Path]:
    found = (path for name in FOLDERS for path in sorted((paths.REPOSITORY / name).rglob("*")))
    return [path for path in found if path.suffix in suffixes]


def _hits(pattern: str, files: list[Path]) -> list[str]:
    """`file:line: text` of each line that matches."""
    assert len(files) > 10
    wanted = re.compile(pattern)
    return [
        f"{paths.shown(path)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if wanted.search(line)
    ]


def test_nothing_is_dropped_with_cascade() -> None:
    assert _hits(r"(?i)\bcascade\b", _files(".py", ".sql")) == []


def test_nothing_is_printed() -> None:
    assert _hits(r"(?<![\w.\"])print\(", _files(".py")) == []


def test_no_path_of_a_machine() -> None:
    absolute = r"(?<![\w.:/<*])/(home|root|Users|tmp|work|var|opt|mnt|srv)/"
    assert _hits(absolute, _files(".py", ".sql", ".csv", ".yaml")) == []


def test_no_assert_and_no_broad_except_in_code() -> None:
    assert _hits(r"^\s*(assert |except:|except (Base)?Exception\b)", _files(".py")) == []


@pytest.mark.parametrize("pattern", ["CASCADE", "Cascade;"])
def test_the_search_finds_what_is_there(pattern: str, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.sql" for number in range(11)]
    for path in files:
        path.write_text("SELECT 1\n")
    files[3].write_text(f"SELECT 1;\nDROP TABLE x {pattern}\n")
    assert _hits(r"(?i)\bcascade\b", files) == [f"{files[3]}:2: DROP TABLE x {pattern}"]


def test_a_dag_file_is_a_table_of_contents(dag_file: Path) -> None:
    tree = ast.parse(dag_file.read_text(encoding="utf-8"))
    docstring = tree.body[0]
    assert ast.get_docstring(tree)
    lines = dag_file.read_text(encoding="utf-8").splitlines()[docstring.end_lineno or 0 :]
    code = [line for line in lines if line.strip() and not line.strip().startswith("#")]
    assert len(code) <= MOST_DAG_LINES
    assert not any(isinstance(node, (ast.Try, ast.FunctionDef, ast.ClassDef)) for node in ast.walk(tree))


def test_a_dag_file_asks_nobody_while_it_is_imported(dag_file: Path) -> None:
    groups = sorted((paths.REPOSITORY / "plugins" / "regendata" / "groups").glob("*.py"))
    assert len(groups) >= 4
    hits = [path.name for path in (dag_file, *groups) if ASKED_AT_PARSE_TIME.search(path.read_text())]
    assert hits == []


def _connecting(tree: ast.AST) -> Iterator[str]:
    """Anything of psycopg but its module `sql`, which composes and connects to nothing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "psycopg")
        elif isinstance(node, ast.ImportFrom) and re.match(r"psycopg(?!\.sql$)\b", node.module or ""):
            yield from (alias.name for alias in node.names if alias.name != "sql")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("from psycopg import sql", []),
        ("from psycopg.sql import SQL", []),
        ("import psycopg", ["psycopg"]),
        ("from psycopg import connect, sql", ["connect"]),
        ("def f():\n    import psycopg.rows", ["psycopg.rows"]),
        ("from psycopg.rows import dict_row", ["dict_row"]),
    ],
)
def test_what_counts_as_connecting(code: str, found: list[str]) -> None:
    assert list(_connecting(ast.parse(code))) == found


@pytest.mark.parametrize("name", PURE)
def test_pure_layers_compose_sql_and_never_connect(name: str) -> None:
    place = paths.REPOSITORY / "plugins" / "regendata" / name
    files = [place] if place.suffix else sorted(place.rglob("*.py"))
    assert files
    used = {paths.shown(path): list(_connecting(ast.parse(path.read_text()))) for path in files}
    assert {path: names for path, names in used.items() if names} == {}


def test_no_file_grows_beyond_reading() -> None:
    lengths = {paths.shown(path): len(path.read_text().splitlines()) for path in _files(".py", ".sql")}
    assert len(lengths) > 50
    assert {path: length for path, length in lengths.items() if length > MOST_FILE_LINES} == {}
