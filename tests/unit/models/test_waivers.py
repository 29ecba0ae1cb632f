"""Waivers: read and checked at once, live until their day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from regendata import paths
from regendata.exceptions import ModelFileError
from regendata.models.relation import Relation
from regendata.models.waivers import load_waivers, waiver_for

WAIVER = {
    "relation": "public.donations",
    "check": "max_fall rows",
    "who": "Ann",
    "why": "Spam was removed.",
    "until": "2026-05-10",
}


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "waivers.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _yaml(**changed: str | None) -> str:
    lines = {**WAIVER, **changed}
    return "- " + "\n  ".join(f"{key}: {value}" for key, value in lines.items() if value is not None) + "\n"


def test_a_waiver_lives_until_its_day(tmp_path: Path) -> None:
    [waiver] = load_waivers(_file(tmp_path, _yaml(partitions="[{chain_id: 10}]")))
    assert waiver.partitions == ({"chain_id": 10},)
    donations = Relation("public", "donations")
    assert waiver_for([waiver], donations, "max_fall rows", date(2026, 5, 10)) is waiver
    assert waiver_for([waiver], donations, "max_fall rows", date(2026, 5, 11)) is None
    assert waiver_for([waiver], donations, "max_fall usd", date(2026, 5, 10)) is None
    assert waiver_for([waiver], Relation("public", "rounds"), "max_fall rows", date(2026, 5, 10)) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b", "is a list of waivers"),
        ("- [", "is not YAML"),
        ("- text", "waiver 1 must be a mapping"),
        (_yaml(until=None), "waiver 1 has no 'until'"),
        (_yaml(why=""), "waiver 1 has no 'why'"),
        (_yaml(until="soon"), "waiver 1: until must be a day such as 2026-12-31, not 'soon'"),
        (_yaml(until="2026-05-10 12:00:00"), "until must be a day"),
        (_yaml(forever="true"), "unknown key of waiver 1 'forever'; known: relation, check, who"),
        (_yaml(relation="donations"), "waiver 1: not a schema-qualified name"),
        (_yaml(partitions="[10]"), "waiver 1: partitions map columns to values"),
        (_yaml() + _yaml(who=None), "waiver 2 has no 'who'"),
    ],
)
def test_refused(tmp_path: Path, text: str, message: str) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(ModelFileError, match=message) as refused:
        load_waivers(path)
    assert str(refused.value).startswith(str(path))


def test_the_file_of_this_repository_can_be_read() -> None:
    assert isinstance(load_waivers(paths.WAIVERS), tuple)
