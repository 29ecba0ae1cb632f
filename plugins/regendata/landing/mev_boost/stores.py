"""Which object store, format and warehouse the settings choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from regendata.exceptions import SettingsError
from regendata.hooks.object_store import GcsObjects, ObjectStore, S3Objects
from regendata.settings import PREFIX, Settings
from regendata.sources.mev_boost.objects import FORMATS, Format, Unit

_OBJECTS = {"s3": S3Objects, "gcs": GcsObjects}

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Stores:
    """Where hours go.

    :param prefix: before every key.
    :param format_name: how objects are written.
    """

    objects: ObjectStore
    prefix: str
    format_name: str

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
    return Stores(objects(settings.mev_bucket), settings.mev_prefix, settings.mev_format)


def _chosen(setting: str, value: str, choices: Mapping[str, Choice]) -> Choice:
    if value not in choices:
        names = " or ".join(choices)
        raise SettingsError(f"{PREFIX}{setting.upper()} must be {names}, not {value!r}")
    return choices[value]
