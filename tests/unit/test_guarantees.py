"""The page of guarantees is what the tests say, no more and no less."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import guarantees
from tests.support.guarantees import PAGE, Promised, Recorder, UnclearGuarantee, render, stated, written

PROMISE = "Readers wait for less than | 0.5 s."
TEST = """
def test_waits(guarantee):
    for _ in range(2):
        guarantee("short waits", promise="Readers wait for less than | 0.5 s.", figures={})
"""


def test_the_page_holds_every_guarantee_of_the_tests_and_no_other() -> None:
    """After `make guarantees` it does; figures are not compared."""
    promised = stated()
    assert promised
    assert written(PAGE.read_text(encoding="utf-8")) == promised


def test_what_a_test_proved_stands_on_the_page(tmp_path: Path) -> None:
    record = Recorder("tests/postgres/test_waits.py::test_waits[land]", tmp_path)
    record("short waits", promise=PROMISE, figures={"land": "0.1 s", "failed": 0})
    record("short waits", promise=PROMISE, figures={"build": "0.2 s"})
    (path,) = tmp_path.iterdir()
    page = render([guarantees._read(path)])
    assert written(page) == [Promised("short waits", PROMISE, "tests/postgres/test_waits.py::test_waits")]
    for row in ("| land | 0.1 s |", "| failed | 0 |", "| build | 0.2 s |"):
        assert row in page.splitlines()


def test_two_guarantees_without_figures_are_kept_apart(tmp_path: Path) -> None:
    for name in ("first", "second"):
        Recorder(f"tests/test_it.py::test_{name}", tmp_path)(name, promise=f"{name}.", figures={})
    page = render(guarantees._read(path) for path in tmp_path.iterdir())
    assert [one.test for one in written(page)] == [
        "tests/test_it.py::test_first",
        "tests/test_it.py::test_second",
    ]


def test_figures_of_a_test_that_is_gone_are_left_out(tmp_path: Path) -> None:
    Recorder("tests/postgres/test_gone.py::test_gone", tmp_path)("gone", promise="Gone.", figures={"n": 1})
    page = tmp_path / "page.md"
    guarantees.write_page(tmp_path, page)
    assert "gone" not in page.read_text(encoding="utf-8")


def test_nothing_is_written_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(guarantees.FOLDER_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    Recorder("tests/test_it.py::test_it", guarantees.folder())("it", promise="It.", figures={})
    assert list(tmp_path.iterdir()) == []


def test_a_guarantee_is_read_from_the_test_file(tmp_path: Path) -> None:
    (tmp_path / "test_waits.py").write_text(TEST, encoding="utf-8")
    assert stated(tmp_path) == [Promised("short waits", PROMISE, f"{tmp_path}/test_waits.py::test_waits")]


@pytest.mark.parametrize(
    "call", ["guarantee(name, promise='x')", "guarantee('x', promise=f'{x}')", "guarantee('x')"]
)
def test_a_guarantee_that_cannot_be_read_is_named(tmp_path: Path, call: str) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(f"def test_it(guarantee):\n    {call}\n", encoding="utf-8")
    with pytest.raises(UnclearGuarantee, match=r"test_it\.py:2: name and promise"):
        stated(tmp_path)
