"""What is stored of bids and payloads: one list of fields that every store's types are derived from.

Tables of Postgres (``include/sql/tables/mev_boost``), schemas of BigQuery (``infra/terraform/mev_boost``) and
the objects all follow it; tests compare them.
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
    description: str
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
            "description": self.description,
        }


_BLOCK_TIMESTAMP = Field(
    "block_timestamp",
    "moment",
    "Time of the canonical block of this number; empty until it is known.",
    required=False,
    stored=False,
)
_REORGED = Field(
    "reorged",
    "flag",
    "Whether the canonical block of this number is another one; empty until it is known.",
    required=False,
    stored=False,
)
_COMMON = (
    Field("relay", "text", "Relay that answered."),
    Field("slot", "count", "Slot of the beacon chain, 12 s each."),
    Field("parent_hash", "text", "Hash of the block before."),
    Field("block_hash", "text", "Hash of the block."),
    Field("builder_pubkey", "text", "BLS public key of the builder."),
    Field("proposer_pubkey", "text", "BLS public key of the slot's proposer."),
    Field("proposer_fee_recipient", "text", "Address that the value goes to."),
    Field("gas_limit", "count", "Gas limit of the block."),
    Field("gas_used", "count", "Gas used by the block."),
    Field("value", "wei", "What the proposer gets, in wei, as the relay says it."),
    Field("num_tx", "count", "Transactions of the block."),
    Field("block_number", "count", "Number of the block."),
)
_TIMES = (
    Field("timestamp", "moment", "When the relay received the bid; empty where it does not say.", False),
    Field("timestamp_s", "count", "The same in whole seconds since 1970; 0 where it does not say."),
    Field("timestamp_ms", "count", "The same in milliseconds; whole seconds of relays that say no more."),
    Field("optimistic_submission", "flag", "Whether the bid counted before it was simulated.", False),
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
DAY = Field("day", "text", "UTC date on which the slot began.")


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
