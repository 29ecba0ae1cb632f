"""Checksums of archives, and hand-kept facts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from regendata.exceptions import ArchiveChanged, ModelFileError
from regendata.models.relation import Relation
from regendata.sources.static_data import ARCHIVES, Archive, read_facts, read_sums, recorded
from tests.unit.builders import table

SUM = hashlib.sha256(b"").hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("", {}),
        (f"{SUM}  alpha/a.csv\n", {"alpha/a.csv": SUM}),
        (f"{SUM}  ./alpha/a.csv\n{OTHER}  b c.csv\n", {"alpha/a.csv": SUM, "b c.csv": OTHER}),
        (f"{SUM} *alpha/a.parquet\n", {"alpha/a.parquet": SUM}),
    ],
)
def test_sums(text: str, sums: dict[str, str]) -> None:
    assert read_sums(text) == sums


@pytest.mark.parametrize(
    "line",
    ["<html>", f"{SUM}", f"{SUM} a.csv", f"{SUM}  ", f"{SUM[:-1]}  a.csv", f"{'x' * 64}  a.csv", "a.csv"],
)
def test_a_line_that_is_no_checksum_is_named(line: str) -> None:
    with pytest.raises(ArchiveChanged, match=r"^static/SHA256SUMS, line 2: not `checksum  path`"):
        read_sums(f"{SUM}  a.csv\n{line}\n")


ALPHA = Archive("alpha/AlphaMatching", Relation("public", "AlphaMatching"))


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_recorded_in_any_format(ending: str) -> None:
    path = f"alpha/AlphaMatching{ending}"
    assert recorded(ALPHA, {"alpha/Other.csv": OTHER, path: SUM}) == (path, SUM)


def test_not_recorded() -> None:
    with pytest.raises(ArchiveChanged, match=r"no checksum for alpha/AlphaMatching \(\.parquet or \.csv\)"):
        recorded(ALPHA, {"alpha/AlphaMatching.xlsx": SUM})


def test_archives_and_their_tables_are_named_once() -> None:
    assert len({archive.stem for archive in ARCHIVES}) == len(ARCHIVES) == 13
    assert len({archive.table for archive in ARCHIVES}) == len(ARCHIVES)


CHAINS = table("reference.chains", chain_id="INT", name="TEXT")


def _facts(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "chains.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_facts(tmp_path: Path) -> None:
    path = _facts(tmp_path, 'chain_id,name\r\n1,Ethereum\n10,\n,"a ""b"", c\nd"\n')
    assert list(read_facts(path, CHAINS)) == [("1", "Ethereum"), ("10", None), (None, 'a "b", c\nd')]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "header must be chain_id,name"),
        ("name,chain_id\n", 1, "header must be chain_id,name"),
        ("chain_id,name,extra\n", 1, "header must be chain_id,name"),
        ("chain_id,name\n1,Ethereum\n10\n", 3, "1 cells in place of 2"),
        ("chain_id,name\n1,Ethereum,x\n", 2, "3 cells in place of 2"),
        ("chain_id,name\n\n", 2, "0 cells in place of 2"),
    ],
)
def test_wrong_facts(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = _facts(tmp_path, text)
    with pytest.raises(ModelFileError, match=message) as wrong:
        list(read_facts(path, CHAINS))
    assert wrong.value.line == line
