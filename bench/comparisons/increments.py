"""A refresh after a few donations came, against one that lands and builds everything as a whole."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql

from bench.context import Bench
from bench.measure import Side, alternate
from bench.obvious import ObviousSide
from bench.result import Line, Result, Table, at_least, ratio, samples
from bench.warehouse import OurWay
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.diffs import columns_of
from regendata.hooks.warehouse.digests import hash_functions
from regendata.models.relation import Relation
from regendata.publish import row_hashes
from sandbox.refresh import Refreshed, tidy_up

TIMES_FASTER = 50
#: One donation in so many comes between two refreshes.
ONE_IN = 1_000
#: Donations go to rounds that are open: this many.
OPEN_ROUNDS = 8
#: In the order they are measured: all as a whole, after new donations, after those and what counts them.
SIDES = ("whole", "donations", "counters")

_ADD = sql.SQL("""
WITH rounds AS (
  SELECT chain_id, round_id FROM {donations}
  WHERE chain_id <> 11155111 GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT %(rounds)s
), model AS (
  SELECT donation.*, row_number() OVER () AS number FROM {donations} AS donation
  INNER JOIN rounds USING (chain_id, round_id) LIMIT %(rows)s
)
INSERT INTO {donations} (
  id, chain_id, round_id, application_id, donor_address, recipient_address, project_id, transaction_hash,
  block_number, token_address, timestamp, amount, amount_in_usd, amount_in_round_match_token
)
SELECT
  '0x' || encode(sha256(convert_to(%(run)s || number, 'UTF8')), 'hex'), chain_id, round_id, application_id,
  donor_address, recipient_address, project_id,
  '0x' || encode(sha256(convert_to(%(run)s || transaction_hash, 'UTF8')), 'hex'),
  block_number, token_address, clock_timestamp(), amount, amount_in_usd, amount_in_round_match_token
FROM model
""")
#: An application and its round keep count of their donations.
_COUNT = sql.SQL("""
UPDATE {counted} AS counted SET total_donations_count = total_donations_count + 1
WHERE ({key}) IN (
  SELECT {columns} FROM {donations} WHERE timestamp > clock_timestamp() - interval '10 minutes'
)
""")


def compare(bench: Bench) -> Result:
    """Obvious, whole, after new donations, after those with the counters of their rounds; and again."""
    ours = OurWay(bench)
    ours.ensure_published()
    bench.tell("obvious, whole, after new donations, after new donations and counters, and again")
    ours.runs.clear()
    obvious = ObviousSide.of(bench, ours)
    sides = {
        "obvious": obvious.side(),
        "whole": Side(lambda: ours.refresh(whole=True), before=bench.settle, after=tidy_up),
        "donations": Side(ours.refresh, before=lambda: _add(bench, ours, False), after=tidy_up),
        "counters": Side(ours.refresh, before=lambda: _add(bench, ours, True), after=tidy_up),
    }
    try:
        timings = alternate(sides, bench.rounds, bench.budget_seconds)
    finally:
        obvious.clear()
    by_increments, first = _contents(ours), ours.runs[: len(SIDES)]
    ours.refresh(whole=True)
    base, whole, few = (timings[name] for name in ("obvious", "whole", "donations"))
    return Result(
        lines=[
            ratio("0.1 % new donations, obvious full / ours", base, few, at_least(TIMES_FASTER)),
            ratio("0.1 % new donations, our own full / ours", whole, few, at_least(TIMES_FASTER)),
            ratio("the same and counters of applications and rounds", whole, timings["counters"], None),
            _differing(by_increments, _contents(ours)),
        ],
        samples=samples(timings),
        tables=[_steps(first), _ways(first)],
        notes=[
            f"new donations: {bench.scale // ONE_IN:,} in {OPEN_ROUNDS} rounds, in transactions of their own",
            "obvious: materialized views over postgres_fdw, all of them",
            "ours: with checks, comparison, publish, permissions and receipt",
        ],
    )


def _add(bench: Bench, ours: OurWay, counted: bool) -> None:
    schema = f"chain_data_{ours.versions['indexer']}"
    donations = sql.Identifier(schema, "donations")
    with psycopg.connect(bench.sandbox.dsn("indexer"), autocommit=True) as conn:
        asked = {"rounds": OPEN_ROUNDS, "rows": bench.scale // ONE_IN, "run": uuid.uuid4().hex}
        conn.execute(_ADD.format(donations=donations), asked)
        keys = {"applications": ("chain_id, round_id, id", "chain_id, round_id, application_id")}
        keys["rounds"] = ("chain_id, id", "chain_id, round_id")
        for table, (key, columns) in keys.items() if counted else ():
            counted_table = sql.Identifier(schema, table)
            parts = {"counted": counted_table, "key": sql.SQL(key), "columns": sql.SQL(columns)}
            conn.execute(_COUNT.format(donations=donations, **parts))
    bench.settle()


def _contents(ours: OurWay) -> dict[str, object]:
    """A hash over all rows of each published relation, whatever their order."""
    with connect() as conn:
        return {str(relation): _content(conn, relation) for relation in ours.project.models}


def _content(conn: psycopg.Connection, relation: Relation) -> object:
    digest = row_hashes.digest(relation, columns_of(conn, relation), hash_functions(conn))
    return conn.execute(digest).fetchall()


def _differing(ours: Mapping[str, object], whole: Mapping[str, object]) -> Line:
    differing = [name for name in whole if ours[name] != whole[name]]
    told = ", ".join(differing) or "none differs"
    name, same = "relations equal to those of a whole refresh", len(whole) - len(differing)
    return Line(name, told, f"{len(whole)} compared", same, "", at_least(len(whole)))


def _steps(runs: Sequence[Refreshed]) -> Table:
    """Seconds per step of the first round; steps of a refresh run beside each other."""
    names = dict.fromkeys(step for run in runs for step in run.seconds)
    rows = [(name, *(_seconds(run, name) for run in runs)) for name in names]
    return Table("Seconds per step", ("step", *SIDES), rows)


def _seconds(run: Refreshed, step: str) -> str:
    return f"{run.seconds[step]:.2f}" if step in run.seconds else ""


def _ways(runs: Sequence[Refreshed]) -> Table:
    """Relations that were not carried over, and how they were made."""
    names = sorted({name for run in runs for name in run.receipt["rebuilt"]})
    rows = [(name, *(_way(run, name) for run in runs)) for name in names]
    return Table("How relations were made", ("relation", *SIDES), rows)


def _way(run: Refreshed, name: str) -> str:
    if name not in run.receipt["rebuilt"]:
        return ""
    return "extended" if name in run.receipt["extended"] else "built"
