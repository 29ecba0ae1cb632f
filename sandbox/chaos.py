"""`python -m sandbox chaos ...`: order trouble from the stand-ins or in a source database."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

from sandbox import chaos_db, chaos_tweets
from sandbox.bootstrap import SOURCES, TWEETS
from sandbox.exceptions import BadTrouble
from sandbox.layout import Sandbox
from sandbox.upstreams import server
from sandbox.upstreams.sheet_faults import FAULTS

#: What the connection to the tweet counts is called, and the hours that churn.
TOKENS, CHURNED_HOURS = "tokens", 24
EPILOG = """\
examples:
  chaos dune --status 429 --retry-after 2 --times 3
  chaos dune --state QUERY_STATE_COMPLETED_PARTIAL        chaos dune --age-hours 100
  chaos sheets --fault rename_tab --tab program_round_labels
  chaos cdr_site --redesigned                             chaos cdr_fyi --row-leaves-after 3
  chaos metabase --query-fails                            chaos x --path "/2/tweets" --drop --times 1
  chaos indexer --html                                    chaos indexer --advertise 89
  chaos indexer-db --new-version 89 --without-chain 10    chaos maci-db --down
  chaos indexer-db --new-version 89 --copy-of 87          (a complete newer version)
  chaos indexer-db --retype-column donations.amount=text
  chaos tokens-db --late 60 --skew 5                      chaos tokens-db --churn 30
  chaos list                                              chaos reset
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of every kind of trouble."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("target", help="an upstream, *, indexer-db, maci-db, tokens-db, list or reset")
    _add_wire(parser.add_argument_group("on the wire (upstreams)"))
    _add_settings(parser.add_argument_group("one upstream's own"))
    _add_database(parser.add_argument_group("source databases (made whole only by `clean`)"))
    _add_tweets(parser.add_argument_group("tweet counts (tokens-db, which takes --down and --up as well)"))


def _add_wire(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--path", metavar="GLOB", help="only requests with this path below the mount")
    group.add_argument("--status", type=int, help="answer with this status and the upstream's error body")
    group.add_argument("--retry-after", type=int, metavar="SECONDS", help="header beside --status")
    group.add_argument("--latency", type=float, metavar="SECONDS", help="wait before answering")
    group.add_argument("--truncate", action="store_const", const=True, help="end the body half way")
    group.add_argument("--drop", action="store_const", const=True, help="end the connection half way")
    group.add_argument("--empty", action="store_const", const=True, help="nothing found")
    group.add_argument("--html", action="store_const", const=True, help="a web page instead of data")
    group.add_argument("--times", type=int, help="hurt this many requests, then stop")


def _add_settings(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--advertise", dest="version", metavar="NN", help="indexer: version it advertises")
    group.add_argument("--state", help="dune: state of the execution, QUERY_STATE_...")
    group.add_argument("--age-hours", type=float, help="dune: age of the latest result")
    group.add_argument("--fault", choices=[*FAULTS, "rename_tab"], help="sheets: what somebody did to them")
    group.add_argument("--tab", help="sheets: only this one")
    group.add_argument("--locale", help="sheets: locale of the spreadsheet")
    group.add_argument("--redesigned", action="store_const", const=True, help="cdr_site: other markup")
    group.add_argument("--row-leaves-after", type=int, metavar="N", help="cdr_fyi: a row goes after N pages")
    group.add_argument("--ignores-page", action="store_const", const=True, help="cdr_fyi: always page 1")
    group.add_argument("--query-fails", action="store_const", const=True, help="metabase: cards fail")
    group.add_argument("--inactive", nargs="*", metavar="ADDRESS", help="postmark: sends nothing there")
    group.add_argument("--missing-rows", type=int, help="dune: rows promised, but not served")


def _add_database(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--new-version", type=int, metavar="NN", help="copy the newest schema, advertise it")
    group.add_argument("--copy-of", type=int, metavar="NN", help="with --new-version: copy this one instead")
    group.add_argument("--without-chain", type=int, metavar="ID", help="with --new-version: lacks a chain")
    group.add_argument("--half", action="store_true", help="with --new-version: early half of events")
    group.add_argument("--drop-chain", type=int, metavar="ID", help="delete a chain's rows, newest version")
    group.add_argument("--drop-column", metavar="TABLE.COLUMN", help="in every version")
    group.add_argument("--retype-column", metavar="TABLE.COLUMN=TYPE", help="in every version")
    group.add_argument("--add-column", metavar="TABLE.COLUMN=TYPE", help="in every version")
    group.add_argument("--version", dest="only", type=int, metavar="NN", help="in this version instead")
    group.add_argument("--down", action="store_true", help="refuse connections")
    group.add_argument("--up", action="store_true", help="accept connections again")


def _add_tweets(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--revise", type=int, metavar="HOURS", help="other counts in the newest hours")
    group.add_argument("--late", type=int, metavar="HOURS", help="new rows for an hour so long ago")
    group.add_argument("--skew", type=int, metavar="HOURS", help="rows of an hour that is yet to come")
    group.add_argument("--churn", type=float, metavar="SECONDS", help="rows change all the time, for so long")


WIRE = ("path", "status", "retry_after", "latency", "truncate", "drop", "empty", "html", "times")
SETTINGS = (
    "version", "state", "age_hours", "missing_rows", "fault", "tab", "locale", "redesigned",
    "row_leaves_after", "ignores_page", "query_fails", "inactive",
)  # fmt: skip


def run(sandbox: Sandbox, args: argparse.Namespace) -> int:
    """Do what the options say and print what is ordered now."""
    if args.target.endswith("-db"):
        _in_database(sandbox, args)
    elif args.target == "reset":
        reset(sandbox)
    elif args.target != "list":
        _on_the_wire(sandbox, args)
    print(json.dumps(server.stand_ins(sandbox).ordered(), indent=2))
    return 0


def reset(sandbox: Sandbox) -> None:
    """Take back everything that can be: trouble on the wire, settings, closed databases."""
    server.stand_ins(sandbox).reset()
    for name in SOURCES:
        chaos_db.up(sandbox.dsn(name))
    chaos_db.up(sandbox.dsn(TWEETS))


def _on_the_wire(sandbox: Sandbox, args: argparse.Namespace) -> None:
    wire, settings = _given(args, WIRE), _given(args, SETTINGS)
    if not wire and not settings:
        raise BadTrouble("say which trouble: see `python -m sandbox chaos --help`")
    running = server.stand_ins(sandbox)
    if settings:
        running.set(args.target, **settings)
    if wire:
        running.trouble(args.target, **wire)


def _given(args: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(args, name)) is not None}


def _in_database(sandbox: Sandbox, args: argparse.Namespace) -> None:
    name = args.target.removesuffix("-db")
    if name not in (*SOURCES, TOKENS):
        raise BadTrouble(f"no source database {name}; known: {', '.join((*SOURCES, TOKENS))}")
    orders = _orders(sandbox.dsn(name), args) if name in SOURCES else _on_tweets(sandbox.dsn(TWEETS), args)
    if not orders:
        raise BadTrouble("say which trouble: see `python -m sandbox chaos --help`")
    for order in orders:
        order()
    if name == "indexer" and args.new_version is not None:
        server.stand_ins(sandbox).set(name, version=str(args.new_version))


def _on_tweets(dsn: str, args: argparse.Namespace) -> Sequence[Callable[[], object]]:
    """The same for the database that counts tweets."""
    table: list[tuple[Any, Callable[[], object]]] = [
        (args.up, lambda: chaos_db.up(dsn)),
        (args.revise, lambda: chaos_tweets.revise(dsn, args.revise)),
        (args.late, lambda: chaos_tweets.late(dsn, args.late)),
        (args.skew, lambda: chaos_tweets.skew(dsn, args.skew)),
        (args.churn, lambda: chaos_tweets.churn(dsn, CHURNED_HOURS, args.churn)),
        (args.down, lambda: chaos_db.down(dsn)),
    ]
    return [order for wanted, order in table if wanted]


def _orders(dsn: str, args: argparse.Namespace) -> Sequence[Callable[[], object]]:
    """What to do to the database, in the order it is done."""
    table: list[tuple[Any, Callable[[], None]]] = [
        (args.up, lambda: chaos_db.up(dsn)),
        (args.new_version, lambda: _new_version(dsn, args)),
        (args.drop_chain, lambda: chaos_db.drop_chain(dsn, args.drop_chain, args.only)),
        (args.drop_column, lambda: chaos_db.drop_column(dsn, *_column(args.drop_column), args.only)),
        (args.retype_column, lambda: chaos_db.retype_column(dsn, *_typed(args.retype_column), args.only)),
        (args.add_column, lambda: chaos_db.add_column(dsn, *_typed(args.add_column), args.only)),
        (args.down, lambda: chaos_db.down(dsn)),
    ]
    return [order for wanted, order in table if wanted]


def _new_version(dsn: str, args: argparse.Namespace) -> None:
    chaos_db.new_version(
        dsn, args.new_version, copy_of=args.copy_of, without_chain=args.without_chain, half=args.half
    )


def _column(text: str) -> tuple[str, str]:
    table, dot, column = text.partition(".")
    if not (table and dot and column):
        raise BadTrouble(f"{text} is not TABLE.COLUMN")
    return table, column


def _typed(text: str) -> tuple[str, str, str]:
    name, sign, kind = text.partition("=")
    if not (sign and kind):
        raise BadTrouble(f"{text} is not TABLE.COLUMN=TYPE")
    return (*_column(name), kind)
