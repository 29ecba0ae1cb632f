"""Which object store, format and warehouse the settings choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from regendata.exceptions import SettingsError
from regendata.hooks.bigquery_warehouse import BigQueryWarehouse
from regendata.hooks.object_store import GcsObjects, ObjectStore, S3Objects
from regendata.settings import PREFIX, Settings
from regendata.sources.mev_boost.objects import FORMATS, Format, Unit

_OBJECTS: Mapping[str, Callable[[str], ObjectStore]] = {"s3": S3Objects, "gcs": GcsObjects}

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Stores:
    """Where hours go.

    :param prefix: before every key.
    :param format_name: how objects are written.
    :param bigquery: where they are loaded; None for Postgres.
    """

    objects: ObjectStore
    prefix: str
    format_name: str
    bigquery: BigQueryWarehouse | None = None

    @property
    def format(self) -> Format:
        return FORMATS[self.format_name]

    def key(self, unit: Unit) -> str:
        """Where a unit's object stands."""
        return unit.key(self.prefix, self.format_name)


def open_stores(settings: Settings) -> Stores:
    """The stores as the settings say; connections are opened when they are first needed.

    :raises SettingsError: a setting names no store or format there is.
    """
    _chosen("mev_format", settings.mev_format, FORMATS)
    objects = _chosen("mev_objects", settings.mev_objects, _OBJECTS)
    bigquery = _chosen("mev_warehouse", settings.mev_warehouse, _WAREHOUSES)(settings)
    if bigquery is not None and settings.mev_objects != "gcs":
        raise SettingsError(
            f"{PREFIX}MEV_WAREHOUSE=bigquery loads from gcs only: set {PREFIX}MEV_OBJECTS=gcs"
        )
    return Stores(objects(settings.mev_bucket), settings.mev_prefix, settings.mev_format, bigquery)


def _bigquery(settings: Settings) -> BigQueryWarehouse:
    return BigQueryWarehouse(
        settings.mev_bigquery_dataset,
        settings.mev_bigquery_location,
        settings.mev_bigquery_blocks,
        settings.mev_bigquery_max_gib,
    )


def _postgres(_: Settings) -> None:
    return None


_WAREHOUSES: Mapping[str, Callable[[Settings], BigQueryWarehouse | None]] = {
    "postgres": _postgres,
    "bigquery": _bigquery,
}


def _chosen(setting: str, value: str, choices: Mapping[str, Choice]) -> Choice:
    if value not in choices:
        names = " or ".join(choices)
        raise SettingsError(f"{PREFIX}{setting.upper()} must be {names}, not {value!r}")
    return choices[value]
