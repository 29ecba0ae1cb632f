"""Make the files of a run and put them aside in its bucket, where no reader is let."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from regendata.exceptions import BadSourceAnswer
from regendata.hooks.cdr_bucket import JSON_TYPE, Bucket
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.warehouse import cdr_market
from regendata.landing.cdr import inputs, pull
from regendata.landing.cdr.rules import public_fields, rules
from regendata.sources.cdr import figures
from regendata.sources.cdr.checks import entry_of
from regendata.sources.cdr.dollars import METRIC
from regendata.sources.cdr.files import DATA_SETS, as_file
from regendata.sources.cdr.inputs import CARBON_PRICING, CCN_COMPANIES, carbon_pricing, last_pricing_year
from regendata.sources.cdr.manifest import Manifest, sha256_of
from regendata.sources.cdr.market import Market, market_of
from regendata.sources.cdr.presign import CONTENT_TYPE
from regendata.sources.cdr.tables import ORDERS, PURCHASERS, SUPPLIERS, by_name

STAGING = "staging/"
_INSTRUMENT = ("unique_id", "name", "type", "status", "share")


def stage(bucket: Bucket, run_id: str, permission_on_file: str) -> dict[str, Any]:
    """Write the files of a run and their manifest below its prefix.

    :returns: the manifest's key, rows per file.
    :raises PublicBucket: everybody could read them.
    :raises PrivateField: a file holds a column that may not go out.
    """
    bucket.refuse_public(permission_on_file)
    now = datetime.now(timezone.utc)
    with connect() as conn:
        market = landed_market(conn)
        as_of = cdr_market.read_at(conn, pull.SOURCE)
        contents = _contents(conn, market)
    day = f"{now:%Y%m%d}"
    entries = {}
    for name, content in contents.items():
        bucket.write(_staged(run_id, name), content, CONTENT_TYPE)
        entries[name] = entry_of(DATA_SETS[name], DATA_SETS[name].object_key(day), content)
    facts = {"counted_orders": len(market.orders), "undated_orders": market.undated}
    manifest = Manifest(run_id, day, as_of.isoformat(), now.isoformat(), entries, facts)
    bucket.write(staged_manifest_key(run_id), manifest.to_json(), JSON_TYPE)
    return {"rows": {name: entry.rows for name, entry in entries.items()}} | facts


def landed_market(conn: PgConnection) -> Market:
    """The market in the landed tables."""
    _, orders = cdr_market.landed_rows(conn, ORDERS.relation, ORDERS.columns)
    names = [
        dict(cdr_market.landed_rows(conn, table.relation, (table.key, "name"))[1])
        for table in (PURCHASERS, SUPPLIERS)
    ]
    return market_of(by_name(ORDERS.columns, orders), names[0], names[1], rules())


def _contents(conn: PgConnection, market: Market) -> dict[str, bytes]:
    _, found = cdr_market.landed_rows(conn, CARBON_PRICING.table, _INSTRUMENT)
    instruments = list(by_name(_INSTRUMENT, found))
    _, companies = cdr_market.landed_rows(conn, CCN_COMPANIES.table, ("year", "companies"))
    dollars, _ = inputs.dollars_spent_in_use()
    rows: Mapping[str, Sequence[Sequence[object]]] = {
        "orders_for_viz": figures.orders_for_viz(market),
        "purchasers_for_viz": figures.purchasers_for_viz(market),
        "suppliers_for_viz": figures.suppliers_for_viz(market),
        "latest_deals": figures.latest_deals(market),
        "carbon_pricing": carbon_pricing(instruments, last_pricing_year(instruments)),
        "dollars_spent": [(METRIC, dollars)],
        "ccn_data": sorted(companies),
    }
    allowed = public_fields()
    return {name: as_file(data_set, rows[name], allowed) for name, data_set in DATA_SETS.items()}


def staged(bucket: Bucket, run_id: str) -> tuple[Manifest, Mapping[str, bytes]]:
    """Manifest and files of a run, proved by checksum.

    :raises BadSourceAnswer: a file is missing or is not the one that was written.
    """
    body = bucket.read(staged_manifest_key(run_id))
    if body is None:
        raise BadSourceAnswer(f"s3://{bucket.bucket}/{staged_manifest_key(run_id)} is missing")
    manifest = Manifest.from_json(body)
    contents = {}
    for name, entry in manifest.files.items():
        content = bucket.read(_staged(run_id, name))
        if content is None or sha256_of(content) != entry.sha256:
            raise BadSourceAnswer(f"s3://{bucket.bucket}/{_staged(run_id, name)} is missing or changed")
        contents[name] = content
    return manifest, contents


def staged_manifest_key(run_id: str) -> str:
    return _staged(run_id, "manifest").replace(".csv", ".json")


def _staged(run_id: str, name: str) -> str:
    """Run ids hold colons and whatever people type; a hash of one is a plain folder name."""
    return f"{STAGING}{sha256_of(run_id.encode())[:16]}/{name}.csv"
