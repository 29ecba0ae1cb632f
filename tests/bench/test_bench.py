"""The benchmark itself, at a scale at which its figures mean nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from sandbox.layout import REPOSITORY
from sandbox.temporary import folder_for_sandboxes

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SCALE = 400


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not below pytest's own, which the next session of the same user closes to the user of the server."""
    with tempfile.TemporaryDirectory(prefix="regendata-bench-", dir=folder_for_sandboxes()) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def comparisons(folder: Path) -> dict[str, Any]:
    """What one run with a single measurement of each side wrote."""
    options = ["--scale", str(SCALE), "--rounds", "1", "--publishes", "1", "--folder", str(folder)]
    options += ["--json", str(folder / "result.json"), "--only", "refresh", "landing", "publish"]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *options],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "result.json").read_text())["comparisons"]


def test_both_ways_give_the_same_relations(comparisons: dict[str, Any]) -> None:
    same = comparisons["refresh"]["tables"][0]["rows"]
    assert len(same) == 14
    assert [row[0] for row in same if row[-1] != "same"] == []


def test_every_side_is_measured(comparisons: dict[str, Any]) -> None:
    refresh, landing = (comparisons[name]["samples"] for name in ("refresh", "landing"))
    assert list(refresh) == ["obvious", "full", "unjudged", "unchanged", "floor"]
    ways = ("foreign", "copy", "floor")
    assert list(landing) == [f"{way}_{away}_ms" for away in (0, 1, 10) for way in ways]
    assert all(seconds > 0 for side in (*refresh.values(), *landing.values()) for seconds in side)


def test_a_full_refresh_rebuilds_what_an_unchanged_one_does_not(comparisons: dict[str, Any]) -> None:
    full, unchanged = (comparisons["refresh"]["samples"][name][0] for name in ("full", "unchanged"))
    steps = [row[0] for row in comparisons["refresh"]["tables"][1]["rows"]]
    assert full > unchanged
    assert "views.public.all_donations" in steps


def test_readers_read_beside_either_publish(comparisons: dict[str, Any]) -> None:
    for way in ("rename", "facades"):
        (session,) = comparisons["publish"]["samples"][way]
        assert session["reads"] > 0
        assert session["tries"] > 0
    assert comparisons["publish"]["samples"]["facades"][0]["errors"] == []


def test_nothing_is_left_running(comparisons: dict[str, Any], folder: Path) -> None:
    left = [process for process in psutil.process_iter(["cmdline"]) if _belongs(process, folder)]
    assert left == []


def _belongs(process: psutil.Process, folder: Path) -> bool:
    return str(folder) in " ".join(process.info["cmdline"] or [])
