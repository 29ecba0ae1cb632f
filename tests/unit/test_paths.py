"""Paths as people see them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from regendata import paths
from regendata.exceptions import ModelFileError


def test_paths_in_messages_start_at_the_repository() -> None:
    path = paths.models_of("grants") / "public" / "rounds.sql"
    assert paths.shown(path) == "include/sql/grants/public/rounds.sql"
    assert str(ModelFileError(path, "wrong", 3)) == "include/sql/grants/public/rounds.sql:3: wrong"
    assert str(ModelFileError(path, "wrong")) == "include/sql/grants/public/rounds.sql: wrong"


def test_a_path_elsewhere_is_shown_whole(tmp_path: Path) -> None:
    assert paths.shown(tmp_path) == str(tmp_path)


@pytest.mark.parametrize(("given", "expected"), [("/srv/regendata", "/srv/regendata"), ("", None)])
def test_a_deployment_says_where_include_is(given: str, expected: str | None) -> None:
    code = "from regendata import paths; print(paths.INCLUDE.parent)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"REGENDATA_ROOT": given, "PYTHONPATH": str(paths.REPOSITORY / "plugins")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == (expected or str(paths.REPOSITORY))
