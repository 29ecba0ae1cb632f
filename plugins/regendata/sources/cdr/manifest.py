"""What a published set consists of: every file with its checksum, its figures, terms and origin.

``latest.json`` points at a manifest and is written last, so readers see a whole set or the one before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from regendata.exceptions import BadSourceAnswer
from regendata.models.documents import reading

SCHEMA_VERSION = 1
LATEST = "latest.json"
STATUS = "status.json"
MANIFESTS = "manifests/"
ATTRIBUTION = (
    "Durable carbon removal market data: CDR.fyi (https://www.cdr.fyi). Companies founded: Circular Carbon "
    "Network. Carbon pricing: World Bank Carbon Pricing Dashboard (CC BY 4.0)."
)
TERMS = (
    "CDR.fyi's data is used under the terms of its Partner Portal; name the sources and ask CDR.fyi before "
    "passing the data on."
)


@dataclass(frozen=True)
class FileEntry:
    """One file of a set.

    :param version_id: of the object, where its bucket keeps versions; pins the very bytes.
    :param totals: figures compared from day to day.
    :param groups: tons and the like per group, such as ``2024 1``.
    """

    key: str
    sha256: str
    bytes: int
    rows: int
    columns: tuple[str, ...]
    version_id: str | None = None
    totals: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """A set of files that belong together; times are ISO 8601 in UTC, ``day`` is YYYYMMDD."""

    run_id: str
    day: str
    as_of: str
    published_at: str
    files: Mapping[str, FileEntry]
    facts: Mapping[str, Any] = field(default_factory=dict)
    promoted_from: str | None = None
    schema_version: int = SCHEMA_VERSION
    attribution: str = ATTRIBUTION
    terms: str = TERMS

    @property
    def key(self) -> str:
        """Key of the manifest itself; named by content, so a manifest never changes under its readers."""
        return f"{MANIFESTS}{self.day}_{sha256_of(self.to_json())[:16]}.json"

    @property
    def content(self) -> dict[str, str]:
        """Checksum per file: two sets with the same content are one."""
        return {name: entry.sha256 for name, entry in self.files.items()}

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, content: bytes) -> Manifest:
        """:raises BadSourceAnswer: it is no manifest of this version."""
        with reading("not a manifest of the CDR market"):
            data = json.loads(content)
            if data["schema_version"] != SCHEMA_VERSION:
                raise BadSourceAnswer(f"manifest has schema version {data['schema_version']}")
            files = {
                name: FileEntry(**{**entry, "columns": tuple(entry["columns"])})
                for name, entry in data["files"].items()
            }
            return cls(**{**data, "files": files})


def sha256_of(content: bytes) -> str:
    """Lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def pointer_to(manifest: Manifest) -> bytes:
    """Content of ``latest.json``."""
    body = manifest.to_json()
    pointer = {"manifest": manifest.key, "sha256": sha256_of(body), "published_at": manifest.published_at}
    return json.dumps(pointer, indent=1).encode()


def manifest_at(pointer: bytes) -> tuple[str, str]:
    """Key and checksum of the manifest that ``latest.json`` points at.

    :raises BadSourceAnswer: it is no pointer.
    """
    with reading(f"{LATEST} is no pointer to a manifest"):
        data = json.loads(pointer)
        return str(data["manifest"]), str(data["sha256"])
