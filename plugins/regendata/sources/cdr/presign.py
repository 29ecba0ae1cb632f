"""``GET /presigned-url``: which keys are answered, and with what. Needs no Airflow: AWS Lambda runs it too.

Only files of the published set have URLs. A key is read by a pattern that lists what is allowed, so there is
no path to walk out of and no wildcard but the one at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from regendata.sources.cdr.files import DATA_SETS, PREFIX
from regendata.sources.cdr.manifest import FileEntry, Manifest

EXPIRES_S = 300
CONTENT_TYPE = "text/csv"
_LONGEST_KEY = 100
_NAMES = "|".join(DATA_SETS)
_KEY = re.compile(rf"(?:{PREFIX})?({_NAMES})(?:_(\d{{8}})\.csv|_?\*(?:\.csv)?)", re.ASCII)


class Store(Protocol):
    """What answering needs of a bucket."""

    @property
    def bucket(self) -> str:
        """Its name."""

    def published(self) -> Manifest | None:
        """The published set; None before the first."""

    def exists(self, key: str) -> bool:
        """Whether there is an object of this key."""

    def sign(self, entry: SignedObject) -> str:
        """A URL that reads the object for :data:`EXPIRES_S` seconds."""


@dataclass(frozen=True)
class SignedObject:
    """What a URL is made for; ``version_id`` None means the object as it is then."""

    key: str
    version_id: str | None = None

    @property
    def disposition(self) -> str:
        """Shown in the browser, saved under the object's own name."""
        return f'inline; filename="{self.key.rpartition("/")[2]}"'


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: status and JSON body."""

    status: int
    body: dict[str, Any]


def answer(parameters: Mapping[str, str | None], store: Store) -> Reply:
    """Answer one request.

    :param parameters: query parameters: ``key``, and ``bucket``, which may only name the store's own.
    """
    key = parameters.get("key")
    if not key:
        return Reply(400, {"error": "Missing required parameter: key"})
    if parameters.get("bucket") not in (None, "", store.bucket):
        return Reply(403, {"error": "This bucket is not served here"})
    wanted = read_key(key)
    manifest = store.published() if wanted else None
    if wanted is None or manifest is None:
        return _not_found(key)
    name, day = wanted
    entry = manifest.files.get(name)
    if entry is None:
        return _not_found(key)
    if day is None or entry.key == DATA_SETS[name].object_key(day):
        return _found(store, SignedObject(entry.key, entry.version_id), manifest, entry)
    earlier = SignedObject(DATA_SETS[name].object_key(day))
    if day > manifest.day or not store.exists(earlier.key):
        return _not_found(key)
    return Reply(200, {"url": store.sign(earlier), "expires_in_s": EXPIRES_S})


def read_key(key: str) -> tuple[str, str | None] | None:
    """Data set and day (None for the newest) that a key asks for; None for any other key."""
    found = _KEY.fullmatch(key) if len(key) <= _LONGEST_KEY else None
    return (found[1], found[2]) if found else None


def cors_headers(origin: str | None, allowed: Iterable[str]) -> dict[str, str]:
    """Headers for a page of an allowed origin; none but Vary for others, so their browsers refuse."""
    normal = (origin or "").lower().rstrip("/")
    headers = {"Vary": "Origin"}
    if normal and normal in {one.lower().rstrip("/") for one in allowed}:
        headers |= {
            "Access-Control-Allow-Origin": origin or "",
            "Access-Control-Allow-Methods": "GET, OPTIONS",
            "Access-Control-Allow-Headers": "Content-Type, Origin, X-Requested-With",
            "Access-Control-Max-Age": "600",
        }
    return headers


def _found(store: Store, wanted: SignedObject, manifest: Manifest, entry: FileEntry) -> Reply:
    facts = {
        "key": entry.key,
        "sha256": entry.sha256,
        "bytes": entry.bytes,
        "as_of": manifest.as_of,
        "schema_version": manifest.schema_version,
        "expires_in_s": EXPIRES_S,
        "attribution": manifest.attribution,
        "terms": manifest.terms,
    }
    return Reply(200, {"url": store.sign(wanted)} | facts)


def _not_found(key: str) -> Reply:
    return Reply(404, {"error": f"No matching files found for pattern: {key[:_LONGEST_KEY]}"})
