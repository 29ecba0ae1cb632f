"""Assets: what DAGs produce and wait for, each defined once."""

from __future__ import annotations

from airflow.sdk import Asset, AssetWatcher

from regendata.sources.indexers import GRANTS_INDEXER
from regendata.triggers.indexer_version import IndexerVersionWatcher

#: How often the advertised version is looked at between two refreshes.
VERSION_POLL_S = 60.0

# The x- keeps Airflow from searching every installed provider for a handler of the scheme, in each task.
INDEXER_VERSION = Asset(
    name="grants_indexer_version",
    uri="x-regendata://indexer/version",
    watchers=[
        AssetWatcher(
            name="advertised_version",
            trigger=IndexerVersionWatcher(str(GRANTS_INDEXER.api_conn_id), VERSION_POLL_S),
        )
    ],
)

GRANTS_PUBLISHED = Asset(name="grants_published", uri="x-regendata://warehouse/grants")
