"""`python -m sandbox`: up, down, clean, status, chaos, demo."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import psycopg

from sandbox import chaos, life
from sandbox.exceptions import SandboxError
from sandbox.layout import DEFAULT_SCALE, Sandbox


def parser() -> argparse.ArgumentParser:
    main_parser = argparse.ArgumentParser(prog="python -m sandbox", description="The company on one laptop.")
    commands = main_parser.add_subparsers(dest="command", required=True)
    _add_filling(commands.add_parser("up", help="start the servers, fill them, write .sandbox/env"))
    commands.add_parser("down", help="stop every process; the data stays")
    commands.add_parser("clean", help="stop every process and forget the data")
    commands.add_parser("status", help="what runs where")
    chaos.add_arguments(commands.add_parser("chaos", help="order trouble"))
    _add_demo(commands.add_parser("demo", help="up, then Airflow and the grants refresh"))
    return main_parser


def _add_filling(command: argparse.ArgumentParser) -> None:
    command.add_argument("--scale", type=_positive, default=DEFAULT_SCALE, help="live donations to generate")
    command.add_argument("--data", type=_folder, help="fill from the real data in this folder instead")


def _add_demo(command: argparse.ArgumentParser) -> None:
    _add_filling(command)
    command.add_argument("--once", action="store_true", help="exit after the runs; 0 if all succeeded")
    command.add_argument("--dags", type=str.split, help="ids of the DAGs to run, separated by spaces")


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _folder(text: str) -> Path:
    path = Path(text).expanduser().resolve()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is no folder")
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what the sandbox or PostgreSQL refuse is printed without a traceback, exit code 1."""
    args = parser().parse_args(arguments)
    sandbox = Sandbox.default()
    try:
        return run(sandbox, args)
    except (SandboxError, psycopg.OperationalError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1


def run(sandbox: Sandbox, args: argparse.Namespace) -> int:
    """Hand over to the command; returns the exit code."""
    if args.command == "chaos":
        return chaos.run(sandbox, args)
    if args.command == "demo":
        from sandbox import demo

        return int(demo.main(args))
    if args.command == "up":
        life.up(sandbox, args.scale, args.data)
    elif args.command == "down":
        life.down(sandbox)
    elif args.command == "clean":
        life.clean(sandbox)
    if args.command != "clean":
        show(sandbox)
    return 0


def show(sandbox: Sandbox) -> None:
    """A line per server, and how to use them."""
    if not sandbox.state.exists:
        print(f"no sandbox at {sandbox.root}: `make sandbox` starts one")
        return
    for name, address, running in life.servers(sandbox):
        print(f"{name:<12}{'up' if running else 'down':<6}{address}")
    if sandbox.env_file.exists():
        print(f"set -a; . {sandbox.env_file}")


if __name__ == "__main__":
    sys.exit(main())
