"""Where the rows of a landed table come from, in words that people use."""

from __future__ import annotations

from regendata.models.relation import Relation
from regendata.sources.indexers import SOURCES
from regendata.sources.sheets import SHEETS
from regendata.sources.static_data import ARCHIVES

_NAMES = {"indexer": "Grants Stack indexer", "maci": "MACI indexer"}
_TABLES = {
    **{source.landed(table): _NAMES[name] for name, source in SOURCES.items() for table in source.tables},
    **{sheet.table: "Google Sheets" for sheet in SHEETS.values()},
    **{archive.table: "Archives on Spaces" for archive in ARCHIVES},
    Relation("landing", "dune_allo_v2_distribution_events"): "Dune",
    Relation("landing", "passport_model_scores"): "Passport",
    Relation("landing", "passport_stamps"): "Passport",
    Relation("landing", "project_applications"): "Project groups",
    Relation("landing", "project_group_members"): "Project groups",
    Relation("token_metrics", "cmc_price"): "CoinMarketCap",
    Relation("token_metrics", "cmc_price_history"): "CoinMarketCap",
}
_SCHEMAS = {
    "reference": "Facts kept by hand",
    "meta": "The warehouse itself",
    "token_metrics": "Hourly tweet counts",
    "cdr_market": "CDR.fyi and its site",
    "mev_boost": "MEV-Boost relays",
}


def origin(relation: Relation) -> str:
    """Name of the source; the schema's name for a table that nobody has described here."""
    return _TABLES.get(relation) or _SCHEMAS.get(relation.schema, relation.schema)
