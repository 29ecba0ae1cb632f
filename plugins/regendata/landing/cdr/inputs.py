"""Land what comes beside cdr.fyi's API: files of an operator, and the total scraped from its front page."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from regendata.exceptions import ContentRefused, EmptySource, SourceUnavailable
from regendata.hooks.cdr_bucket import Bucket
from regendata.hooks.cdr_site import fetch_page
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import cdr_market
from regendata.landing.whole import WholeTable, land_whole
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.settings import Settings
from regendata.sources.cdr.dollars import METRIC, read_dollars_spent
from regendata.sources.cdr.inputs import INPUTS, read_input
from regendata.sources.cdr.tables import SCHEMA
from regendata.sources.rows import as_csv, fingerprint

DOLLARS = Relation(SCHEMA, "dollars_spent")
DOLLARS_SOURCE = "cdr_fyi/dollars_spent"


def land_input(
    name: str, project: Project, bucket: Bucket, run_id: str, settings: Settings
) -> dict[str, Any]:
    """Land a file of an operator when it changed.

    :param name: in :data:`regendata.sources.cdr.inputs.INPUTS`.
    :raises SourceUnavailable: the file is not there.
    :raises ContentRefused: naming file, row, column and reason; the last rows stay in use.
    """
    sheet = INPUTS[name]
    key = _key(name, settings)
    content = bucket.read(key)
    if content is None:
        raise SourceUnavailable(f"s3://{bucket.bucket}/{key} is missing: an operator has to put it there")
    try:
        rows = sorted(read_input(sheet, content).rows, key=repr)
    except ContentRefused as error:
        raise ContentRefused(f"s3://{bucket.bucket}/{key}: {error}") from error
    table = WholeTable(project.tables[sheet.table], fingerprint(rows), lambda: as_csv(rows), {"key": key})
    return land_whole(
        f"cdr_inputs/{name}", None, run_id, [table], settings, snapshot_at=datetime.now(timezone.utc)
    )


def _key(name: str, settings: Settings) -> str:
    return {"ccn_companies": settings.cdr_ccn_key, "carbon_pricing": settings.cdr_carbon_pricing_key}[name]


def land_dollars_spent(project: Project, run_id: str, settings: Settings) -> str:
    """Scrape the total and land it; returns it as text.

    :raises DollarsSpentNotFound: the page changed; the last good value stays landed.
    """
    rows = [(METRIC, read_dollars_spent(fetch_page()))]
    table = WholeTable(project.tables[DOLLARS], fingerprint(rows), lambda: as_csv(rows))
    land_whole(DOLLARS_SOURCE, None, run_id, [table], settings, snapshot_at=datetime.now(timezone.utc))
    return str(rows[0][1])


def dollars_spent_in_use() -> tuple[Decimal, datetime]:
    """The last good total, and when it was read.

    :raises EmptySource: there never was one.
    """
    with connect() as conn:
        _, rows = cdr_market.landed_rows(conn, DOLLARS, ("value",))
        if not rows:
            raise EmptySource("no total of dollars spent was ever read from cdr.fyi")
        return rows[0][0], cdr_market.read_at(conn, DOLLARS_SOURCE)
