"""Results as tables on the terminal and as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import psycopg
from rich.console import Console
from rich.table import Table as RichTable

from bench.result import Line, Result, Table, Target
from sandbox.layout import Sandbox

GIBIBYTE = 1024**3
VERDICTS = {True: "[green]met[/green]", False: "[red]not met[/red]", None: ""}


def machine_facts(sandbox: Sandbox, scale: int) -> dict[str, Any]:
    """What decides how far the figures carry: cores, load, memory, PostgreSQL, rows."""
    with psycopg.connect(sandbox.dsn("postgres")) as connection:
        version = connection.info.parameter_status("server_version")
    return {
        "scale": scale,
        "cores": os.cpu_count(),
        "load_1_min": round(os.getloadavg()[0], 1),
        "memory_gb": round(psutil.virtual_memory().total / GIBIBYTE, 1),
        "postgresql": version,
        "python": platform.python_version(),
        "system": platform.platform(),
    }


def show_facts(console: Console, facts: Mapping[str, Any]) -> None:
    console.print(", ".join(f"{name} {value}" for name, value in facts.items()), highlight=False)


def show_result(console: Console, result: Result) -> None:
    """Tables and remarks of one comparison, below its figures."""
    console.print(_figures([*result.lines]))
    for table in result.tables:
        console.print(_details(table))
    for note in result.notes:
        console.print(f"  {note}", style="dim", highlight=False)


def show_summary(console: Console, results: Mapping[str, Result]) -> None:
    console.rule("all figures", align="left")
    console.print(_figures([line for result in results.values() for line in result.lines]))


def write_json(path: Path, facts: Mapping[str, Any], results: Mapping[str, Result]) -> None:
    """Everything measured, each single sample included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": facts, "comparisons": {name: _as_json(found) for name, found in results.items()}}
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _as_json(result: Result) -> dict[str, Any]:
    lines = [{**asdict(line), "met": line.is_met} for line in result.lines]
    return {**asdict(result), "lines": lines}


def _figures(lines: list[Line]) -> RichTable:
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
