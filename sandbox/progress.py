"""A DAG run as it goes: lines that change in place on a terminal, a line per change elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sandbox.api import Run, TaskState

# The first that any task of a group is in is the group's state.
PRECEDENCE = (
    "failed",
    "upstream_failed",
    "awaiting_input",
    "up_for_retry",
    "running",
    "restarting",
    "deferred",
    "up_for_reschedule",
    "queued",
)
ENDED = ("success", "skipped", "removed")
COLOURS = {
    "success": "green",
    "failed": "bold red",
    "upstream_failed": "red",
    "awaiting_input": "bold yellow",
    "up_for_retry": "yellow",
    "running": "cyan",
    "deferred": "magenta",
    "skipped": "dim",
}
# Left out: states on the way to a start, and tasks that only wait for a failed one.
TELLING = frozenset({"running", "deferred", "awaiting_input", "up_for_retry", "success", "skipped", "failed"})
MARKS = {
    "success": "✓",
    "failed": "✗",
    "upstream_failed": "✗",
    "skipped": "-",
    "running": "▸",
    "deferred": "…",
    "awaiting_input": "?",
}
# Lines of the terminal that are no task: title, cursor, one to spare.
FRAME = 3


@dataclass(frozen=True)
class Line:
    """One task that stands alone, or one task group.

    :param active: the group's tasks that gave it its state, while that is not an end; without its name.
    :param seconds: from the first start to the last end, or to now; None before the first start.
    """

    name: str
    state: str
    active: tuple[str, ...]
    seconds: float | None


class Progress(Protocol):
    """Shows the tasks of a run each time it is given them."""

    def show(self, run: Run, tasks: Sequence[TaskState]) -> None: ...

    def __enter__(self) -> Progress: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


def progress(console: Console) -> Progress:
    """Fit for the console: in place on a terminal, else plain lines."""
    return LiveProgress(console) if console.is_terminal else PlainProgress(console)


def group_lines(tasks: Iterable[TaskState], now: datetime) -> list[Line]:
    """A line per task group, and per task outside of any, in the order of their first start.

    Those that did not start come last, by name.
    """
    groups: dict[str, list[TaskState]] = {}
    for task in tasks:
        groups.setdefault(task.task_id.rpartition(".")[0] or task.name, []).append(task)
    ordered = sorted(groups.items(), key=lambda item: (_first_start(item[1]) or now, item[0]))
    return [_line(name, members, now) for name, members in ordered]


def _first_start(tasks: Iterable[TaskState]) -> datetime | None:
    return min((task.start_date for task in tasks if task.start_date), default=None)


def _line(name: str, tasks: Sequence[TaskState], now: datetime) -> Line:
    state = group_state(task.state for task in tasks)
    shown = [task.name for task in tasks if task.state == state and task.name != name]
    active = tuple(shown if state in PRECEDENCE and state != "upstream_failed" else ())
    return Line(name, state, tuple(task.removeprefix(f"{name}.") for task in active), _seconds(tasks, now))


def group_state(states: Iterable[str | None]) -> str:
    """One state for many; empty before any task of the group has one."""
    found = set(states)
    for state in PRECEDENCE:
        if state in found:
            return state
    if None in found or "scheduled" in found:
        return "running" if found & set(ENDED) else ""
    return "success" if "success" in found else next(iter(found), None) or ""


def _seconds(tasks: Sequence[TaskState], now: datetime) -> float | None:
    first = _first_start(tasks)
    if first is None:
        return None
    started = [task for task in tasks if task.start_date]
    return (max(task.end_date or now for task in started) - first).total_seconds()


class PlainProgress:
    """A line whenever a task changes to a state that says something."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._known: dict[tuple[str, str], str | None] = {}

    def show(self, run: Run, tasks: Sequence[TaskState]) -> None:
        now = datetime.now(timezone.utc)
        for task in tasks:
            key = (run.run_id, task.name)
            if self._known.get(key) != task.state and task.state in TELLING:
                self._console.print(self._text(task, now), highlight=False, soft_wrap=True)
            self._known[key] = task.state

    @staticmethod
    def _text(task: TaskState, now: datetime) -> str:
        seconds = task.seconds(now) if task.state != "running" else None
        return f"{now:%H:%M:%S}  {task.state:<16}{task.name}" + (f"  {seconds:.1f} s" if seconds else "")

    def __enter__(self) -> PlainProgress:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class LiveProgress:
    """A table that is drawn again at each change."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=4)
        self._room = console.height - FRAME
        self._whole: Table | None = None

    def show(self, run: Run, tasks: Sequence[TaskState]) -> None:
        lines = group_lines(tasks, datetime.now(timezone.utc))
        self._whole = run_table(run, lines)
        self._live.update(run_table(run, fold(lines, self._room)))

    def __enter__(self) -> LiveProgress:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._whole is not None:
            self._live.update(self._whole)
        self._live.stop()


def fold(lines: Sequence[Line], room: int) -> list[Line]:
    """What is done and what is to come in one line each, if all lines need more room than there is."""
    if len(lines) <= room:
        return list(lines)
    done = sum(line.state in ENDED for line in lines)
    to_come = sum(not line.state for line in lines)
    under_way = [line for line in lines if line.state and line.state not in ENDED]
    first, last = Line(f"{done} done", "success", (), None), Line(f"{to_come} to come", "", (), None)
    return [first, *under_way, last]


def run_table(run: Run, lines: Iterable[Line]) -> Table:
    """Name, state, what is under way, seconds."""
    table = Table(box=None, padding=(0, 2, 0, 0), title=f"{run.dag_id}  {run.state}", title_justify="left")
    table.add_column()
    table.add_column()
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.show_header = False
    for line in lines:
        mark = Text(f"{MARKS.get(line.state, ' ')} {line.name}", style=COLOURS.get(line.state, "dim"))
        seconds = f"{line.seconds:.1f} s" if line.seconds is not None else ""
        table.add_row(mark, line.state, ", ".join(line.active), seconds)
    return table
