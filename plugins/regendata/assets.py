"""Assets: what DAGs produce and wait for, each defined once."""

from __future__ import annotations

from airflow.sdk import Asset, AssetAlias, AssetWatcher

from regendata.sources.indexers import GRANTS_INDEXER
from regendata.triggers.indexer_version import IndexerVersionWatcher

# The x- keeps Airflow from searching every installed provider for a handler of the scheme, in each task.
INDEXER_VERSION = Asset(
    name="grants_indexer_version",
    uri="x-regendata://indexer/version",
    watchers=[
        AssetWatcher(
            name="advertised_version",
            trigger=IndexerVersionWatcher(str(GRANTS_INDEXER.api_conn_id)),
        )
    ],
)

GRANTS_PUBLISHED = Asset(name="grants_published", uri="x-regendata://warehouse/grants")
GRANTS_DAILY_PUBLISHED = Asset(name="grants_daily_published", uri="x-regendata://warehouse/grants_daily")
TOKEN_METRICS_PUBLISHED = Asset(name="token_metrics_published", uri="x-regendata://warehouse/token_metrics")

#: A day of MEV-Boost of which every hour is in.
MEV_BOOST_DAY = Asset(name="mev_boost_day", uri="x-regendata://warehouse/mev_boost/day")
#: Stands for it in tasks that may find no such day.
MEV_BOOST_DAYS = AssetAlias("mev_boost_days")

#: What a system's publish, or the way back from one, tells.
PUBLISHED = {
    "grants": GRANTS_PUBLISHED,
    "grants_daily": GRANTS_DAILY_PUBLISHED,
    "token_metrics": TOKEN_METRICS_PUBLISHED,
}
#: Stands for the asset of the system that was rolled back.
ROLLED_BACK = AssetAlias("rolled_back")
