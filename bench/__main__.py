"""`python -m bench`: runs the comparisons and prints what came out; a missed target is no error."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.context import FOLDER, Bench, BenchRuns, only_one, quieten, running
from bench.report import Report, machine_facts

DEFAULT_SCALE = 1_500_000
DEFAULT_ROUNDS = 3
DEFAULT_PUBLISHES = 5
BUDGET_SECONDS = 900
#: Comparisons that share one sandbox, and those that need none or another.
SHARED = (
    "refresh",
    "increments",
    "landing",
    "publish",
    "rollback",
    "diff",
    "passport",
    "tokens",
    "api",
    "bids",
    "mev_day",
    "pages",
    "token_pages",
)
ALONE = ("scheduler", "parse", "groups", "relays")
NAMES = (*SHARED, *ALONE)
PLAIN_WIDTH = 150


def parser() -> argparse.ArgumentParser:
    main_parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    add = main_parser.add_argument
    add("--scale", type=int, default=DEFAULT_SCALE, help="live donations to generate")
    add("--only", nargs="+", choices=NAMES, default=NAMES, help="comparisons to run")
    add("--rounds", type=int, default=DEFAULT_ROUNDS, help="measurements of each side")
    add("--publishes", type=int, default=DEFAULT_PUBLISHES, help="publishes of each way")
    add("--json", type=Path, default=FOLDER / "result.json", help="file for every single sample")
    add("--folder", type=Path, default=FOLDER, help="where the sandboxes live")
    return main_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when everything was measured, whatever came out; 130 after Ctrl-C."""
    args = parser().parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    bench = Bench(args.folder.resolve(), args.scale, args.rounds, args.publishes, BUDGET_SECONDS, console)
    try:
        with only_one(bench.folder):
            run(bench, args.only, args.json)
    except BenchRuns as error:
        console.print(str(error), style="red")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def run(bench: Bench, names: Sequence[str], json_file: Path) -> None:
    """All named comparisons; the file is written after each, so that an error loses none."""
    quieten(bench)
    report = Report(bench.console, json_file, machine_facts(bench.scale))
    shared = [name for name in SHARED if name in names]
    if shared:
        bench.tell(f"sandbox with {bench.scale:,} live donations")
        with running(bench.sandbox, bench.scale):
            compare(bench, shared, report)
    compare(bench, [name for name in ALONE if name in names], report)
    report.summary()


def compare(bench: Bench, names: Sequence[str], report: Report) -> None:
    """One after the other; what each found is shown at once."""
    from bench.comparisons import COMPARISONS

    for name in names:
        bench.console.rule(name, align="left")
        report.add(name, COMPARISONS[name](bench))


if __name__ == "__main__":
    sys.exit(main())
