"""Metabase after a publish: it learns of changed columns, and its cards are compared with the warehouse.

Readers have the build by then, so nothing here stops anybody: Metabase out of reach is a warning by name.
"""

from __future__ import annotations

import logging
from typing import Any

from regendata.exceptions import SourceUnavailable
from regendata.hooks.metabase import MetabaseHook
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import metabase_cards, publications
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.models.project import load_project
from regendata.publish.checks.verdict import CheckResult, Finding, Verdict, breach
from regendata.sources.metabase import CARDS, Card, Compared, columns_digest, compare, only_row

log = logging.getLogger(__name__)


def sync_schema(conn: PgConnection, system: str) -> str:
    """Ask for a sync when columns changed since the last; returns what became of it."""
    ensure_meta(conn, load_project("grants").tables)
    columns = metabase_cards.visible_columns(conn)
    digest = columns_digest(columns)
    if digest == metabase_cards.synced_digest(conn):
        return "no column changed"
    try:
        database = MetabaseHook().sync_schema()
    except SourceUnavailable as error:
        log.warning("Metabase does not know of changed columns yet: %s", error)
        return "not synced"
    in_use = publications.build_in_use(conn, system)
    metabase_cards.record_sync(conn, database, digest, len(columns), in_use)
    return "synced"


def check_cards(conn: PgConnection, system: str) -> dict[str, str]:
    """Compare every card with the warehouse; returns figure per check.

    Results stand in ``meta.check_result`` with those of the build in use.
    """
    hook, figures = MetabaseHook(), {}
    build_id = publications.build_in_use(conn, system)
    if build_id is None:
        log.info("%s: nothing is published yet", system)
        return {}
    for card in CARDS:
        results = _check(conn, hook, card)
        metabase_cards.replace_results(conn, build_id, card.relation, results)
        for one in results:
            figures[one.name] = one.finding.figure
            if one.verdict == "failed":
                log.warning("%s", breach(card.relation, one))
    return figures


def _check(conn: PgConnection, hook: MetabaseHook, card: Card) -> list[CheckResult]:
    statement = metabase_cards.card_statement(card.name)
    try:
        told: Any = only_row(hook.rows(card.number), card.number)
    except SourceUnavailable as error:
        finding = Finding(False, str(error), "one row of figures", statement)
        return [CheckResult(f"card {card.number} answers", "warn", "failed", finding)]
    known = metabase_cards.card_row(conn, statement)
    return [_result(card, one, statement) for one in compare(told, known)]


def _result(card: Card, one: Compared, statement: str) -> CheckResult:
    finding = Finding(one.is_equal, one.told, one.known, statement)
    verdict: Verdict = "passed" if one.is_equal else "failed"
    return CheckResult(f"card {card.number} {one.column}", "warn", verdict, finding)
