"""How a run is shown: a line per group in place, a line per change elsewhere."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta, timezone

import pytest
from rich.console import Console

from sandbox.api import Run, TaskState
from sandbox.progress import (
    LiveProgress,
    PlainProgress,
    fold,
    group_lines,
    group_state,
    progress,
    run_table,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
RUN = Run("grants", "r1", "running", NOON)


def task(
    name: str, state: str | None, start: float | None = None, end: float | None = None, index: int = -1
) -> TaskState:
    """A task instance that ran from `start` to `end` seconds after noon."""
    moments = [None if second is None else NOON + timedelta(seconds=second) for second in (start, end)]
    return TaskState(name, index, state, 1, *moments)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([None, None], ""),
        (["scheduled", None], ""),
        (["queued", None], "queued"),
        (["success", None], "running"),
        (["success", "scheduled"], "running"),
        (["success", "running"], "running"),
        (["running", "failed"], "failed"),
        (["success", "upstream_failed"], "upstream_failed"),
        (["running", "up_for_retry"], "up_for_retry"),
        (["success", "deferred"], "deferred"),
        (["success", "skipped"], "success"),
        (["skipped", "skipped"], "skipped"),
    ],
)
def test_state_of_a_group(states: list[str | None], expected: str) -> None:
    assert group_state(states) == expected
    assert group_state(reversed(states)) == expected


def test_lines_follow_the_start_and_name_what_is_under_way() -> None:
    tasks = [
        task("views.rounds.check", None),
        task("views.rounds.build", "running", 5),
        task("maci.load", "running", 2, index=1),
        task("maci.load", "success", 1, 3, index=0),
        task("publish", None),
        task("open_build", "success", 0, 1.5),
    ]
    lines = group_lines(tasks, NOON + timedelta(seconds=9))
    assert [(line.name, line.state, line.active, line.seconds) for line in lines] == [
        ("open_build", "success", (), 1.5),
        ("maci", "running", ("load[1]",), 8.0),
        ("views.rounds", "running", ("build",), 4.0),
        ("publish", "", (), None),
    ]


def test_plain_progress_prints_a_change_once() -> None:
    written = io.StringIO()
    with PlainProgress(Console(file=written)) as shown:
        shown.show(RUN, [task("land", "queued"), task("publish", None)])
        shown.show(RUN, [task("land", "running", 0), task("publish", None)])
        shown.show(RUN, [task("land", "running", 0), task("publish", None)])
        shown.show(RUN, [task("land", "failed", 0, 2.25), task("publish", "upstream_failed")])
    lines = [line.split(maxsplit=1)[1].split() for line in written.getvalue().splitlines()]
    assert lines == [["running", "land"], ["failed", "land", "2.2", "s"]]


def test_table_has_a_row_per_group() -> None:
    written = io.StringIO()
    tasks = [task("land", "success", 0, 2), task("views.rounds.build", "running", 2)]
    lines = group_lines(tasks, NOON + timedelta(seconds=4))
    Console(file=written, width=100).print(run_table(RUN, lines))
    rows = [row.split() for row in written.getvalue().splitlines() if row.strip()]
    assert rows == [
        ["grants", "running"],
        ["✓", "land", "success", "2.0", "s"],
        ["▸", "views.rounds", "running", "build", "2.0", "s"],
    ]


def test_short_terminal_folds_what_is_done_and_what_is_to_come() -> None:
    states = ["success", "skipped", "running", "failed", None, None]
    tasks = [task(f"task_{number}", state) for number, state in enumerate(states)]
    lines = group_lines(tasks, NOON)
    assert fold(lines, 6) == lines
    assert [line.name for line in fold(lines, 5)] == ["2 done", "task_2", "task_3", "2 to come"]


def test_terminal_shows_every_line_at_the_end() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=80, height=10)
    with LiveProgress(console) as shown:
        shown.show(RUN, [task(f"task_{number}", "success", 0, 1) for number in range(20)])
    assert len(set(re.findall(r"task_\d+", written.getvalue()))) == 20


def test_terminal_decides_how() -> None:
    assert isinstance(progress(Console(file=io.StringIO(), force_terminal=True)), LiveProgress)
    assert isinstance(progress(Console(file=io.StringIO())), PlainProgress)
