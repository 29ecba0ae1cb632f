"""The manifest of the public bucket: every data set with its file, its figures, its schema and its origin.

Files are named by their content and never change. ``manifest.json`` is one object, written last, so whoever
begins with it reads a set of files that belong together, whatever is uploaded meanwhile.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from regendata.exceptions import BadSourceAnswer
from regendata.models.documents import reading

FORMAT = 1
MANIFEST = "manifest.json"
#: Whole manifests of the past, by the time they were written.
HISTORY = "manifests/"
OBJECTS = "objects/"
LATEST = "latest/"
PAGE = "index.html"
VERIFIER = "verify.py"


@dataclass(frozen=True)
class ColumnEntry:
    """A column: its type in Postgres, its physical type in Parquet, and what it means."""

    name: str
    type: str
    parquet: str
    description: str


@dataclass(frozen=True)
class DataSet:
    """One file.

    :param path: of the file that never changes, relative to the manifest.
    :param latest: of the newest file under a name that stays, replaced as a whole.
    :param key: columns that rows are sorted by and that no two rows share; empty where rows have no key.
    :param built_in: build that made the rows; later builds carried them over.
    :param made_from: changes whenever the file has to be written anew.
    """

    system: str
    description: str
    path: str
    latest: str
    rows: int
    bytes: int
    sha256: str
    key: tuple[str, ...]
    columns: tuple[ColumnEntry, ...]
    built_in: int
    built_at: str
    made_from: str
    checks: tuple[Mapping[str, Any], ...] = ()
    waivers: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Published:
    """What one system shows its readers: build, time, and the versions and times of its sources."""

    publication: int
    build_id: int
    kind: str
    published_at: str
    dag_version: str | None = None
    sources: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Manifest:
    """All data sets of all systems; times are ISO 8601 in UTC."""

    written_at: str
    systems: Mapping[str, Published] = field(default_factory=dict)
    data_sets: Mapping[str, DataSet] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def history_path(self) -> str:
        """Where this manifest is kept; sorts by time."""
        stamp = self.written_at.replace("-", "").replace(":", "")
        return f"{HISTORY}{stamp}_{hashlib.sha256(self.to_json()).hexdigest()[:12]}.json"

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Manifest:
        """:raises BadSourceAnswer: it is no manifest of this format."""
        with reading(f"{MANIFEST} is no manifest"):
            data = json.loads(content)
            if data["format"] != FORMAT:
                raise BadSourceAnswer(f"{MANIFEST} has format {data['format']}, not {FORMAT}")
            systems = {
                name: Published(**{**entry, "sources": tuple(entry["sources"])})
                for name, entry in data["systems"].items()
            }
            data_sets = {name: _data_set(entry) for name, entry in data["data_sets"].items()}
            return cls(data["written_at"], systems, data_sets, data["format"])


def _data_set(entry: Mapping[str, Any]) -> DataSet:
    columns = tuple(ColumnEntry(**column) for column in entry["columns"])
    lists = {name: tuple(entry[name]) for name in ("key", "checks", "waivers")}
    return DataSet(**{**entry, **lists, "columns": columns})


def object_path(name: str, sha256: str) -> str:
    """Where the file of a data set stands; another content is another file."""
    return f"{OBJECTS}{file_name(name)}/{sha256}.parquet"


def latest_path(name: str) -> str:
    """Where the newest file of a data set can always be had."""
    return f"{LATEST}{file_name(name)}.parquet"


def file_name(relation: str) -> str:
    """A relation's name as part of an address."""
    return relation.replace('"', "")


def made_from(fingerprint: str, physical: str, writer: str) -> str:
    """Short hash of all that decides a file."""
    return hashlib.sha256(f"{writer} {physical} {fingerprint}".encode()).hexdigest()[:32]
