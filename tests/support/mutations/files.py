"""What can be wrong in answers of HTTP APIs and in files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.upstreams.server import StandIns
from tests.support.mutations import Mutation, Upstreams

Rows = list[dict[str, Any]]
DUNE_FILE = "dune_4118421.json"


def _rows(reason: str, change: Callable[[Rows], object]) -> Mutation:
    """Dune's stored rows, changed in place."""

    def hurt(upstreams: Upstreams) -> None:
        path = upstreams.files / DUNE_FILE
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content["rows"])
        path.write_text(json.dumps(content), encoding="utf-8")

    return Mutation(hurt, reason)


def _cell(reason: str, column: str, value: Any) -> Mutation:
    """One cell of Dune's first row."""
    return _rows(reason, lambda rows: rows[0].update({column: value}))


def _dune(reason: str, **trouble: Any) -> Mutation:
    return Mutation(lambda upstreams: upstreams.stand_ins.trouble("dune", **trouble), reason)


def _setting(reason: str, **settings: Any) -> Mutation:
    return Mutation(lambda upstreams: upstreams.stand_ins.set("dune", **settings), reason)


def _without(column: str) -> Callable[[Rows], object]:
    return lambda rows: [row.pop(column) for row in rows]


EVENTS = r"public\.allov2_distribution_events_for_leaderboard"
DUNE: dict[str, Mutation] = {
    "Dune: no rows": _dune(r"Dune query 4118421: the result has no rows", empty=True),
    "Dune: a partial result": _setting(
        r"state QUERY_STATE_COMPLETED_PARTIAL|no result", state="QUERY_STATE_COMPLETED_PARTIAL"
    ),
    "Dune: a failed run": _setting(r"4118421", state="QUERY_STATE_FAILED"),
    "Dune: a stale result": _setting(r"Dune query 4118421: executed .* ago", age_hours=100),
    "Dune: fewer rows than announced": _setting(r"\d+ rows came, \d+ were announced", missing_rows=7),
    "Dune: a web page": _dune(r"Dune query 4118421: the answer is no(t JSON| result)", html=True),
    "Dune: half a page": _dune(r"Dune query 4118421: the answer is no(t JSON| result)", truncate=True),
    "Dune: a connection that breaks": _dune(r"Dune query 4118421", drop=True),
    "Dune: no credits left": _dune(r"Dune query 4118421: HTTP 402", status=402),
    "Dune: a column missing": _rows(r"row 1 has no column gmv", _without("gmv")),
    "Dune: an amount that is a text": _cell(r"row 1, column gmv: cannot read 'a lot'", "gmv", "a lot"),
    "Dune: a moment that is none": _cell(
        r"row 1, column tx_timestamp: cannot read 'yesterday'", "tx_timestamp", "yesterday"
    ),
    "Dune: a negative amount": _cell(EVENTS + r": range gmv: 1 row, expected from 0", "gmv", -12.5),
    "Dune: a transaction missing": _cell(EVENTS + r": not_null tx_hash: 1 NULL", "tx_hash", None),
    "Dune: a chain missing": _cell(EVENTS + r": not_null blockchain: 1 NULL", "blockchain", None),
    "Dune: a role nobody knows": _cell(EVENTS + r": accepted_values role: 1 row.*'whale'", "role", "whale"),
    "Dune: an address that is none": _cell(EVENTS + r": matches address: 1 row.*'0xabc'", "address", "0xabc"),
    "Dune: a transaction that is none": _cell(
        EVENTS + r": matches tx_hash: 1 row.*'0x12'", "tx_hash", "0x12"
    ),
    "Dune: a moment in the future": _cell(
        EVENTS + r": range tx_timestamp: 1 row.*up to tomorrow", "tx_timestamp", "2199-01-01 00:00:00.000 UTC"
    ),
    "Dune: a chain nobody knows": _cell(
        EVENTS + r": references blockchain -> reference\.chains: 1 unknown", "blockchain", "dogechain"
    ),
    "Dune: every event twice": _rows(
        EVENTS + r": max_rise rows: .* 100\.00 % more", lambda rows: rows.extend(rows)
    ),
    "Dune: amounts of a chain tenfold": _rows(
        EVENTS + r": totals blockchain, role: .*blockchain base.*usd .* 900\.00 % more",
        lambda rows: [row.update(gmv=row["gmv"] * 10) for row in rows if row["blockchain"] == "base"],
    ),
}


def _facts(reason: str, table: str, change: Callable[[str], str], encoding: str = "utf-8") -> Mutation:
    """A file of hand-kept facts, its text changed."""

    def hurt(upstreams: Upstreams) -> None:
        path = upstreams.facts / f"{table}.csv"
        path.write_text(change(path.read_text(encoding="utf-8")), encoding=encoding)

    return Mutation(hurt, reason)


FACTS: dict[str, Mutation] = {
    "facts: a column missing": _facts(
        r"chains\.csv:1: header must be chain_id,name,dune_name,is_test",
        "chains",
        lambda text: "\n".join(
            line.rpartition(",")[0] if "is_test" in line else line for line in text.splitlines()
        ),
    ),
    "facts: a column twice": _facts(
        r"chains\.csv:1: header must be chain_id,name",
        "chains",
        lambda text: text.replace("chain_id,name", "chain_id,chain_id", 1),
    ),
    "facts: a row with a cell too many": _facts(
        r"strategy_developers\.csv:\d+: \d+ cells in place of \d+",
        "strategy_developers",
        lambda text: text.rstrip("\n") + ",one more\n",
    ),
    "facts: a number that is none": _facts(
        r"reference\.excluded_rounds: invalid input syntax for type integer.*line 1, column chain_id",
        "excluded_rounds",
        lambda text: text.replace(",10,", ",ten,", 1),
    ),
    "facts: no chains at all": _facts(
        r"reference\.chains came back empty", "chains", lambda text: text.splitlines()[0] + "\n"
    ),
}
ANSWERS = DUNE | FACTS


@dataclass(frozen=True)
class WrongVersion:
    """An answer of the version endpoint that names none."""

    hurt: Callable[[StandIns], object]
    reason: str


def _version(reason: str, **trouble: Any) -> WrongVersion:
    return WrongVersion(lambda stand_ins: stand_ins.trouble("indexer", **trouble), reason)


VERSIONS: dict[str, WrongVersion] = {
    "version: a web page": _version(
        r"GET /version answers '<!doctype html>.* instead of a version", html=True
    ),
    "version: an error": _version(r"GET /version: HTTP 500", status=500),
    "version: too many requests": _version(r"GET /version: HTTP 429", status=429),
    "version: half a number": WrongVersion(
        lambda stand_ins: stand_ins.set("indexer", version="8"),
        r"GET /version answers '8' instead of a version number",
    ),
}


@dataclass(frozen=True)
class Spoilt:
    """An archive whose bytes changed after it was loaded.

    :param stem: path of the archive below its prefix, without ending.
    :param recorded: whether its checksum was recorded anew, as by somebody who meant it.
    """

    stem: str
    change: Callable[[bytes], bytes]
    reason: str
    recorded: bool = True


ARCHIVES: dict[str, Spoilt] = {
    "archive: another content under the same checksum": Spoilt(
        "ens_names",
        lambda content: content + b"0x00,eve.eth\n",
        r"ens_names\.csv: sha256 is .*, recorded is",
        False,
    ),
    "archive: a column more under the same checksum": Spoilt(
        "ens_names", lambda content: content.replace(b"\n", b",1\n"), r"ens_names\.csv: sha256 is", False
    ),
    "archive: not UTF-8": Spoilt(
        "ens_names",
        lambda content: content + "0x00,m\u00fcller.eth\n".encode("latin-1"),
        r"ens_names\.csv is not UTF-8",
    ),
    "archive: a column missing": Spoilt(
        "ens_names",
        lambda content: content.replace(b"name", b"label", 1),
        r"ens_names\.csv has no column name",
    ),
    "archive: a column twice": Spoilt(
        "ens_names",
        lambda content: b"\n".join(line + b"," + line.split(b",")[-1] for line in content.splitlines()),
        r"ens_names\.csv has the column name twice",
    ),
    "archive: a row with a cell too few": Spoilt(
        "ens_names", lambda content: content + b"0x00\n", r"ens_names\.csv, row \d+: 1 cells in place of 2"
    ),
    "archive: a number that is none": Spoilt(
        "alpha/AlphaMatching",
        lambda content: content + b"x," * 5 + b"x\n",
        r"AlphaMatching.*: invalid input syntax for type bigint: \"x\".*column id",
    ),
    "archive: half a Parquet file": Spoilt(
        "cgrants/cgrantsMatches",
        lambda content: content[: len(content) // 2],
        r"cgrantsMatches\.parquet is no whole Parquet file",
    ),
    "archive: a web page in place of Parquet": Spoilt(
        "cgrants/cgrantsMatches",
        lambda content: b"<!doctype html><h1>403</h1>",
        r"cgrantsMatches\.parquet is no whole Parquet file",
    ),
    "archive: empty": Spoilt(
        "alpha/AlphaMatching",
        lambda content: content.splitlines()[0] + b"\n",
        r"AlphaMatching\" came back empty after \d+ rows",
    ),
}
