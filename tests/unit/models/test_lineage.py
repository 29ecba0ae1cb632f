"""References of a SELECT, as golden pairs: one file per case in the folder `lineage`.

The first line says what to expect (`-- expected: a.b, c.d` in the order of the text, or `-- error: regex`),
the rest is the SELECT. Line numbers in errors count from the top of the file.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from regendata.exceptions import ModelFileError
from regendata.models.lineage import references
from regendata.models.relation import Relation

CASES = sorted((Path(__file__).parent / "lineage").glob("*.sql"))
READ = [path for path in CASES if path.read_text().startswith("-- expected:")]
REFUSED = [path for path in CASES if path.read_text().startswith("-- error:")]


def _case(path: Path) -> tuple[str, str]:
    """What the first line expects, and the SELECT."""
    first, _, select = path.read_text(encoding="utf-8").partition("\n")
    return first.partition(": ")[2], select


def test_every_file_is_a_case() -> None:
    assert len(READ) >= 28
    assert len(REFUSED) >= 17
    assert len(READ) + len(REFUSED) == len(CASES)


@pytest.mark.parametrize("path", READ, ids=lambda path: path.stem)
def test_references(path: Path) -> None:
    expected, select = _case(path)
    found = references(select, path, first_line=2)
    assert ", ".join(str(reference.relation) for reference in found) == expected


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_refused(path: Path) -> None:
    expected, select = _case(path)
    with pytest.raises(ModelFileError) as refused:
        references(select, Path(path.parent.name, path.name), first_line=2)
    assert re.search(expected, str(refused.value))


@pytest.mark.parametrize(
    ("select", "text", "aliased"),
    [
        ("SELECT 1 FROM public.rounds", "public.rounds", False),
        ("SELECT 1 FROM public.rounds r", "public.rounds", True),
        ("SELECT 1 FROM public.rounds AS r (id)", "public.rounds", True),
        ('SELECT \'💧\' FROM "public" . "AlphaMatching" AS m', '"public" . "AlphaMatching"', True),
        ("SELECT 1\r\nFROM\tpublic.rounds\r\n", "public.rounds", False),
    ],
)
def test_a_reference_knows_its_place_in_the_text(select: str, text: str, aliased: bool) -> None:
    (reference,) = references(select, Path("model.sql"))
    assert select[reference.start : reference.end] == text
    assert reference.aliased is aliased


def test_an_error_has_path_and_line_as_values() -> None:
    with pytest.raises(ModelFileError) as refused:
        references("SELECT 1\nFROM rounds", Path("some/model.sql"), first_line=10)
    assert (refused.value.path, refused.value.line) == (Path("some/model.sql"), 11)


def test_a_function_is_no_reference_whatever_its_schema() -> None:
    select = "SELECT reference.f(r.id) FROM reference.g(1) AS g, public.rounds AS r"
    assert [found.relation for found in references(select, Path("m.sql"))] == [Relation("public", "rounds")]
