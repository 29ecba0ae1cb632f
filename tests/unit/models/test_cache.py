"""What was read from files is remembered while files and code stay the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regendata.models import cache
from tests.unit.builders import write_model


class Reader:
    """Counts how often it had to read."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self) -> list[str]:
        self.reads += 1
        return [f"read {self.reads}"]


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_in_process", {})
    return tmp_path / "cache" / "regendata"


def _new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_in_process", {})


def test_read_once_in_a_process_and_once_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, read = tmp_path / "models", Reader()
    write_model(folder, "public.a", "SELECT 1")
    assert cache.remembered("grants", [folder], read) == ["read 1"]
    assert cache.remembered("grants", [folder], read) == ["read 1"]
    _new_process(monkeypatch)
    assert cache.remembered("grants", [folder], read) == ["read 1"]
    assert cache.remembered("other", [folder], read) == ["read 2"]


@pytest.mark.parametrize("change", ["edit", "add", "remove", "rename"])
def test_any_change_of_files_reads_again(tmp_path: Path, change: str) -> None:
    folder, read = tmp_path / "models", Reader()
    first = write_model(folder, "public.a", "SELECT 1")
    cache.remembered("grants", [folder], read)
    if change == "edit":
        write_model(folder, "public.a", "SELECT 2")
    elif change == "add":
        write_model(folder, "public.b", "SELECT 1")
    elif change == "remove":
        first.unlink()
    else:
        first.rename(first.with_name("c.sql"))
    assert cache.remembered("grants", [folder], read) == ["read 2"]


@given(st.binary(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_broken_cache_file_costs_time_only(cache_folder: Path, content: bytes) -> None:
    read = Reader()
    cache._in_process.clear()
    cache.remembered("grants", [cache_folder / "none"], read)
    cache._in_process.clear()
    (file,) = cache_folder.glob("grants-*.pickle")
    file.write_bytes(content)
    assert cache.remembered("grants", [cache_folder / "none"], read)[0].startswith("read")
    assert read.reads <= 2
    file.unlink()


def test_a_process_of_older_code_leaves_nothing_to_newer_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, read = tmp_path / "models", Reader()
    write_model(folder, "public.a", "SELECT 1")
    code = tmp_path / "code"
    code.mkdir()
    (code / "spec.py").write_text("old = True")
    monkeypatch.setattr(cache, "_CODE", cache._code_stamp(code))
    cache.remembered("grants", [folder], read)
    (code / "spec.py").write_text("old = False")
    _new_process(monkeypatch)
    assert cache.remembered("grants", [folder], read) == ["read 1"]
    monkeypatch.setattr(cache, "_CODE", cache._code_stamp(code))
    _new_process(monkeypatch)
    assert cache.remembered("grants", [folder], read) == ["read 2"]


def test_what_was_read_while_files_were_edited_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models"
    write_model(folder, "public.a", "SELECT 1")

    def read_while_edited() -> list[str]:
        write_model(folder, "public.a", "SELECT 2")
        return ["half of each"]

    assert cache.remembered("grants", [folder], read_while_edited) == ["half of each"]
    write_model(folder, "public.a", "SELECT 1")
    _new_process(monkeypatch)
    assert cache.remembered("grants", [folder], Reader()) == ["read 1"]


def test_a_folder_that_cannot_be_written_costs_time_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache.remembered("grants", [tmp_path], Reader()) == ["read 1"]
