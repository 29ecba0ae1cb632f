"""Results as tables on the terminal and as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table as RichTable

from bench.result import Line, Result, Table, Target
from sandbox import postgres

GIBIBYTE = 1024**3
VERDICTS = {True: "[green]met[/green]", False: "[red]not met[/red]", None: ""}


def machine_facts(scale: int) -> dict[str, Any]:
    """What decides how far the figures carry: cores, load, memory, PostgreSQL, rows."""
    version = subprocess.check_output([postgres.program("postgres"), "--version"], text=True)
    return {
        "scale": scale,
        "cores": os.cpu_count(),
        "load_1_min": round(os.getloadavg()[0], 1),
        "memory_gb": round(psutil.virtual_memory().total / GIBIBYTE, 1),
        "postgresql": version.split()[-1],
        "python": platform.python_version(),
        "system": platform.platform(),
    }


@dataclass
class Report:
    """Shows results as they come and keeps them in a file."""

    console: Console
    json_file: Path
    facts: Mapping[str, Any]
    results: dict[str, Result] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.json_file.parent.mkdir(parents=True, exist_ok=True)
        facts = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        self.console.print(facts, highlight=False)

    def add(self, name: str, result: Result) -> None:
        """Figures, details and remarks of one comparison."""
        self.results[name] = result
        self.console.print(_figures(result.lines))
        for table in result.tables:
            self.console.print(_details(table))
        for note in result.notes:
            self.console.print(f"  {note}", style="dim", highlight=False)
        self._save()

    def summary(self) -> None:
        """All figures once more, in one table."""
        self.console.rule("all figures", align="left")
        self.console.print(_figures([line for result in self.results.values() for line in result.lines]))

    def _save(self) -> None:
        comparisons = {name: _as_json(result) for name, result in self.results.items()}
        content = {"machine": self.facts, "comparisons": comparisons}
        self.json_file.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _as_json(result: Result) -> dict[str, Any]:
    lines = [{**asdict(line), "met": line.is_met} for line in result.lines]
    return {**asdict(result), "lines": lines}


def _figures(lines: Sequence[Line]) -> RichTable:
    table = RichTable(title_justify="left")
    table.add_column("comparison")
    for heading in ("baseline", "ours", "figure", "target"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for line in lines:
        table.add_row(*_cells(line))
    return table


def _cells(line: Line) -> tuple[str, ...]:
    figure = _number(line.value, line.unit)
    return line.name, line.baseline, line.ours, figure, _limit(line.target, line.unit), VERDICTS[line.is_met]


def _limit(target: Target | None, unit: str) -> str:
    if target is None:
        return ""
    return f"{'>=' if target.at_least else '<='} {_number(target.limit, unit)}"


def _number(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:,.2g}"
    return text + unit


def _details(content: Table) -> RichTable:
    table = RichTable(title=content.title, title_justify="left")
    for number, heading in enumerate(content.headings):
        table.add_column(heading, justify="right" if number else "left", no_wrap=True)
    for row in content.rows:
        table.add_row(*row)
    return table
