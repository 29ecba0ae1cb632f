"""Copy the counts of tweets, clean them, and compute what follows from them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue
from typing import Any

from regendata import paths
from regendata.exceptions import EmptySource
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.token_source import CONN_ID, TokenSource, open_source
from regendata.hooks.warehouse import token_derived, token_hours
from regendata.hooks.warehouse.growing import ensure_growing, record_growth, unrecorded
from regendata.hooks.warehouse.side_by_side import side_by_side
from regendata.hooks.warehouse.token_first_load import first_ones, load_first
from regendata.hooks.warehouse.token_hours import Batch, LoadedBatch
from regendata.hooks.warehouse.token_prices import PRICE_TABLES
from regendata.hooks.warehouse.token_windows import compute
from regendata.landing.whole import WholeTable, land_whole
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.settings import Settings
from regendata.sources.rows import as_csv, fingerprint
from regendata.sources.static_data import read_facts
from regendata.sources.token_metrics.cleaning import Cleaner
from regendata.sources.token_metrics.hours import HOUR, SourceHour, Span, batches, changed_hours, hour_of

SCHEMA = "token_metrics"
FACTS = paths.STATIC_DATA / SCHEMA
#: Rules and incidents are landed under this name, the counts under the other.
FACTS_SOURCE, COUNTS_SOURCE = "token_facts", "tokens"
COUNTS = tuple(Relation(SCHEMA, name) for name in ("symbol_hours", "symbol_days", "source_hours"))
METRICS = tuple(Relation(SCHEMA, name) for name in ("metric_hours", "progress"))


@dataclass(frozen=True)
class CopyRequest:
    """Which hours to look at.

    :param now: no hour later than this one is taken, whatever the source says.
    :param begin: first moment; None looks as far back as late rows are waited for, and at all hours when none
        is landed yet or a run before this one broke off.
    :param end: first moment that is not looked at; None goes up to ``now``.
    :param force: take the hours again, and compute their metrics again, even where nothing changed.
    :param everything: look at all hours of the source.
    """

    now: datetime
    begin: datetime | None = None
    end: datetime | None = None
    force: bool = False
    everything: bool = False


def prepare(project: Project, run_id: str, settings: Settings) -> dict[str, Any]:
    """Tables, views, and the facts kept by hand: rules and incidents."""
    with connect() as conn:
        ensure_growing(conn, SCHEMA, project.tables, paths.VIEWS)
        first = unrecorded(conn, (*COUNTS, *METRICS, *PRICE_TABLES))
        if first:
            record_growth(conn, COUNTS_SOURCE, run_id, first)
    facts = [_facts(project, name) for name in ("token_rules", "token_incidents")]
    return land_whole(FACTS_SOURCE, None, run_id, facts, settings)


def copy(request: CopyRequest, run_id: str, settings: Settings) -> dict[str, Any]:
    """Land every hour whose rows changed at the source since it was landed, a batch of hours at a time.

    :returns: hours and rows that came, rows that changed something, hours of which source and warehouse hold
        unlike numbers of rows, symbols that new rules clean otherwise, rows that seem to be from the future.
    :raises SourceUnavailable: the source cannot be read; batches landed before stay.
    :raises EmptySource: the source has no row at all any more.
    """
    cleaner = read_cleaner()
    with open_source(CONN_ID) as source, connect() as conn, token_hours.exclusively(conn):
        moved = token_hours.clean_again(
            conn, cleaner, lambda hours: batches(hours, settings.token_batch_hours)
        )
        # A batch before the newest may be missing when a run broke off.
        looks_at_all = request.everything or token_derived.is_out_of_date(conn)
        span = _span(request, source, None if looks_at_all else token_hours.newest_landed(conn), settings)
        landed = token_hours.landed_fingerprints(conn, span)
        changed = changed_hours(source.hours(span), landed, request.force)
        found = [
            Batch(hours, landed.keys().isdisjoint(hour.timestamp for hour in hours))
            for hours in _in_batches(changed, settings.token_batch_hours)
        ]
        loaded = _load(conn, source, found, cleaner, settings)
        if request.force:
            token_derived.compute_again(conn, span)
        done = {
            "hours": len(changed),
            "rows": sum(batch.rows for batch in loaded),
            "changed": sum(batch.changed for batch in loaded),
            "unequal_hours": token_hours.unequal_hours(conn, span),
            "symbols_cleaned_otherwise": moved,
            "from_the_future": source.later_than(hour_of(request.now) + HOUR),
        }
        record_growth(conn, COUNTS_SOURCE, run_id, COUNTS if changed or moved else ())
        if len(changed) > settings.token_batch_hours:
            conn.execute("ANALYZE token_metrics.symbol_hours, token_metrics.tweetvolumeshours")
    return done


def _load(
    conn: PgConnection, source: TokenSource, found: list[Batch], cleaner: Cleaner, settings: Settings
) -> list[LoadedBatch]:
    """The first rows of all at once, if they are many; the others a batch at a time."""
    oldest = first_ones(found)
    first = load_first(conn, oldest, source.rows, cleaner, settings.build_work_mem)
    if first is None:
        return _load_batches(conn, source, found, cleaner, settings)
    return [first, *_load_batches(conn, source, found[len(oldest) :], cleaner, settings)]


def _load_batches(
    conn: PgConnection, source: TokenSource, found: list[Batch], cleaner: Cleaner, settings: Settings
) -> list[LoadedBatch]:
    """Batches side by side, each connection of the warehouse with one of the source.

    Each is there as a whole or not at all; what was loaded before an error stays.
    """
    connections = min(settings.token_connections, len(found))
    free: SimpleQueue[TokenSource] = SimpleQueue()

    def load(own: PgConnection, batch: Batch) -> LoadedBatch:
        reader = free.get()
        try:
            return token_hours.load_batch(
                own, batch, lambda: reader.rows(batch.span), cleaner, settings.build_work_mem
            )
        finally:
            free.put(reader)

    with source.beside(connections) as readers:
        for reader in readers:
            free.put(reader)
        return side_by_side(conn, found, load, connections)


def compute_metrics(run_id: str, settings: Settings) -> dict[str, Any]:
    """Bring the metrics up to the counts; returns symbols and rows that were computed."""
    with connect() as conn, token_hours.exclusively(conn):
        done = compute(conn, settings)
        record_growth(conn, COUNTS_SOURCE, run_id, METRICS if done.rows else ())
    return {"symbols": done.symbols, "rows": done.rows, "newest_hour": done.newest_hour}


def read_cleaner() -> Cleaner:
    """The rules as their file says."""
    with (FACTS / "token_rules.csv").open(encoding="utf-8", newline="") as file:
        return Cleaner.of(row["token"] for row in csv.DictReader(file))


def _span(request: CopyRequest, source: TokenSource, newest: int | None, settings: Settings) -> Span:
    """The hours to look at, in whole hours.

    :param newest: the newest hour that was landed; None looks at all hours of the source.
    """
    oldest = source.oldest()
    if oldest is None:
        raise EmptySource(f"{CONN_ID}: tweetvolumeshours has no rows; what was landed stays in use")
    end = hour_of(request.now) + HOUR
    if request.end is not None:
        end = min(end, -(-int(request.end.timestamp()) // HOUR) * HOUR)
    begin = oldest // HOUR * HOUR
    if request.begin is not None:
        begin = max(begin, hour_of(request.begin))
    elif newest is not None:
        begin = max(begin, min(newest, end) - settings.token_overlap_hours * HOUR)
    return Span(begin, max(begin, end))


def _in_batches(hours: list[SourceHour], most_hours: int) -> Iterator[list[SourceHour]]:
    by_time = {hour.timestamp: hour for hour in hours}
    for span in batches(by_time, most_hours):
        yield [by_time[second] for second in range(span.begin, span.end, HOUR)]


def _facts(project: Project, name: str) -> WholeTable:
    spec = project.tables[Relation("reference", name)]
    path = FACTS / f"{name}.csv"
    rows = list(read_facts(path, spec))
    return WholeTable(spec, fingerprint(rows), lambda: as_csv(rows), {"file": paths.shown(path)})
