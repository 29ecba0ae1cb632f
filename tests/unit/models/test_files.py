"""The header comment of a SQL file."""

from __future__ import annotations

from pathlib import Path

import pytest

from regendata.exceptions import ModelFileError
from regendata.models import files
from regendata.models.relation import Relation


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "public" / "rounds.sql"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "body", "line"),
    [
        ("/* a: 1 */ SELECT 1", "SELECT 1", 1),
        ("/*\na: 1\n*/\nSELECT 1\n;\n", "SELECT 1", 4),
        ("\n\n/* a: 1 */\n\n\nSELECT 1;\n", "SELECT 1", 6),
        ("/*\na: 1\n*/\n/* a comment */\nSELECT 1", "/* a comment */\nSELECT 1", 4),
        ("/* a: '/* not nested' */\nSELECT 1", "SELECT 1", 2),
    ],
)
def test_header_and_body(tmp_path: Path, text: str, body: str, line: int) -> None:
    file = files.read(_file(tmp_path, text), known_keys=["a"])
    assert (file.body, file.body_line) == (body, line)
    assert list(file.header) == ["a"]
    assert file.relation == Relation("public", "rounds")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("SELECT 1", 1, r"starts without a header: a /\* ... \*/ comment in YAML"),
        ("", 1, "starts without a header"),
        ("-- a: 1\nSELECT 1", 1, "starts without a header"),
        ("SELECT 1 /* a: 1 */", 1, "starts without a header"),
        ("/* a: 1\nSELECT 1", 1, "starts without a header"),
        ("/* */ SELECT 1", 1, "header is not a mapping of keys to values"),
        ("/* just words */ SELECT 1", 1, "header is not a mapping"),
        ("/*\na: 1\na: 1\n*/\nSELECT 1", 3, "'a' stands twice"),
        ("/*\na: {b: 1,\n  b: 2}\n*/\nSELECT 1", 3, "'b' stands twice"),
        ("/* [a, b] */ SELECT 1", 1, "header is not a mapping"),
        ("/*\na: 1\nb: [1\nc: 2\n*/\nSELECT 1", 4, "header is not YAML"),
        ("\n\n/*\na: 1\na b: c: d\n*/\nSELECT 1", 5, "header is not YAML"),
        ("/*\na: 1\nb: 2\n*/\nSELECT 1", 1, "unknown header key 'b'; known keys: a"),
    ],
)
def test_refused(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(ModelFileError, match=message) as refused:
        files.read(path, known_keys=["a"])
    assert str(refused.value).startswith(f"{path}:{line}: ")
