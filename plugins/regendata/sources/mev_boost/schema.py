"""What is stored of bids and payloads: one list of fields that every store's types are derived from.

Tables of Postgres (``include/sql/tables/mev_boost``), schemas of BigQuery (``infra/terraform/mev_boost``) and
the objects all follow it; tests compare them. What a field means is said by the tables' files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from regendata.sources.mev_boost.rows import Endpoint

Kind = Literal["count", "text", "wei", "moment", "flag"]

#: BigQuery's BIGNUMERIC ends at 38 digits before the point and Parquet's decimals at 76, but relays may claim
#: any uint256: only text holds it everywhere. The views cast it for sums.
_BIGQUERY: Mapping[Kind, str] = {
    "count": "INTEGER",
    "text": "STRING",
    "wei": "STRING",
    "moment": "TIMESTAMP",
    "flag": "BOOLEAN",
}
_POSTGRES: Mapping[Kind, str] = {
    "count": "BIGINT",
    "text": "TEXT",
    "wei": "DECIMAL(78, 0)",
    "moment": "TIMESTAMPTZ",
    "flag": "BOOLEAN",
}


@dataclass(frozen=True)
class Field:
    """A column.

    :param stored: it stands in the objects; others are known later, and only the warehouse has them.
    """

    name: str
    kind: Kind
    required: bool = True
    stored: bool = True

    @property
    def postgres(self) -> str:
        """Type as sqlglot spells it for Postgres."""
        return _POSTGRES[self.kind]

    @property
    def bigquery(self) -> dict[str, Any]:
        """The field as BigQuery's API and Terraform take it."""
        return {
            "name": self.name,
            "type": _BIGQUERY[self.kind],
            "mode": "REQUIRED" if self.required else "NULLABLE",
        }


_BLOCK_TIMESTAMP = Field("block_timestamp", "moment", required=False, stored=False)
_REORGED = Field("reorged", "flag", required=False, stored=False)
_COMMON = (
    Field("relay", "text"),
    Field("slot", "count"),
    Field("parent_hash", "text"),
    Field("block_hash", "text"),
    Field("builder_pubkey", "text"),
    Field("proposer_pubkey", "text"),
    Field("proposer_fee_recipient", "text"),
    Field("gas_limit", "count"),
    Field("gas_used", "count"),
    Field("value", "wei"),
    Field("num_tx", "count"),
    Field("block_number", "count"),
)
_TIMES = (
    Field("timestamp", "moment", required=False),
    Field("timestamp_s", "count"),
    Field("timestamp_ms", "count"),
    Field("optimistic_submission", "flag", required=False),
)

FIELDS: Mapping[Endpoint, tuple[Field, ...]] = {
    "payloads": (_BLOCK_TIMESTAMP, *_COMMON, _REORGED),
    "bids": (_BLOCK_TIMESTAMP, *_COMMON, *_TIMES),
}
#: What makes a row one row, in the order objects are sorted.
IDENTITY: Mapping[Endpoint, tuple[str, ...]] = {
    "payloads": ("relay", "slot", "block_hash"),
    "bids": ("relay", "slot", "timestamp_ms", "builder_pubkey", "block_hash"),
}
ENDPOINTS: tuple[Endpoint, ...] = ("payloads", "bids")
#: Column by which BigQuery cuts its tables into days, computed from the slot while loading.
DAY = Field("day", "text")


def stored_fields(endpoint: Endpoint) -> tuple[Field, ...]:
    """The columns of an endpoint's objects."""
    return tuple(field for field in FIELDS[endpoint] if field.stored)


def bigquery_schema(endpoint: Endpoint, *, stored_only: bool = False) -> list[dict[str, Any]]:
    """The table's fields as BigQuery's API and Terraform take them.

    :param stored_only: as the objects have them, which is how they are staged.
    """
    if stored_only:
        return [field.bigquery for field in stored_fields(endpoint)]
    return [DAY.bigquery | {"type": "DATE"}, *(field.bigquery for field in FIELDS[endpoint])]
