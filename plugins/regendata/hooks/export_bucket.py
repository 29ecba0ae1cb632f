"""The public part of a bucket: files by content, names that stay, and the manifest on top."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regendata.hooks.s3_errors import named, unless_missing
from regendata.settings import Settings

CONN_ID = "spaces"
PARQUET_TYPE = "application/vnd.apache.parquet"
#: A file by content is the same for ever; whatever keeps its name may be another in a minute.
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_MINUTE = "public, max-age=60"
_MOST_DELETED_AT_ONCE = 1_000


@dataclass(frozen=True)
class ExportBucket:
    """Objects below one prefix.

    :param client: a boto3 S3 client.
    :param prefix: ends in ``/``.
    :param acl: who may read the objects, such as ``public-read``; empty where the bucket decides.
    """

    bucket: str
    prefix: str
    client: Any
    acl: str = ""

    def read(self, path: str) -> bytes | None:
        """An object's bytes; None if there is none."""
        with self._told(path):
            found = unless_missing(self.client.get_object, Bucket=self.bucket, Key=self.key(path))
            return None if found is None else bytes(found["Body"].read())

    def metadata(self, path: str) -> Mapping[str, str] | None:
        """What was written beside an object, with its size as ``bytes``; None if there is none."""
        with self._told(path):
            head = unless_missing(self.client.head_object, Bucket=self.bucket, Key=self.key(path))
        return None if head is None else {**head["Metadata"], "bytes": str(head["ContentLength"])}

    def upload(self, path: str, file: Path, sha256: str) -> None:
        """Put a file; in parts where it is large, and visible when the last part is there."""
        extra = {
            "ContentType": PARQUET_TYPE,
            "CacheControl": FOR_EVER,
            "Metadata": {"sha256": sha256},
            **self._access(),
        }
        with self._told(path):
            self.client.upload_file(str(file), self.bucket, self.key(path), ExtraArgs=extra)

    def replace(self, path: str, source: str, sha256: str) -> None:
        """Let a name that stays show another file; readers get the old one or the new one, whole."""
        extra = {
            "ContentType": PARQUET_TYPE,
            "CacheControl": FOR_A_MINUTE,
            "Metadata": {"sha256": sha256},
            "MetadataDirective": "REPLACE",
            **self._access(),
        }
        origin = {"Bucket": self.bucket, "Key": self.key(source)}
        with self._told(path):
            self.client.copy(origin, self.bucket, self.key(path), ExtraArgs=extra)

    def write(self, path: str, content: bytes, content_type: str) -> None:
        """Put a small object."""
        with self._told(path):
            self.client.put_object(
                Bucket=self.bucket,
                Key=self.key(path),
                Body=content,
                ContentType=content_type,
                CacheControl=FOR_A_MINUTE,
                **self._access(),
            )

    def paths(self, below: str) -> list[str]:
        """Everything below a path, in the order of names."""
        with self._told(below):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.key(below)
            )
            found = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return sorted(key.removeprefix(self.prefix) for key in found)

    def delete(self, paths: list[str]) -> None:
        """Remove objects; those that are gone already are no error."""
        for first in range(0, len(paths), _MOST_DELETED_AT_ONCE):
            some = paths[first : first + _MOST_DELETED_AT_ONCE]
            with self._told(some[0]):
                self.client.delete_objects(
                    Bucket=self.bucket,
                    Delete={"Objects": [{"Key": self.key(path)} for path in some], "Quiet": True},
                )

    def key(self, path: str) -> str:
        return f"{self.prefix}{path}"

    def url(self) -> str:
        """Address of the prefix as the client reaches it, ending in ``/``."""
        return f"{self.client.meta.endpoint_url}/{self.bucket}/{self.prefix}"

    def _access(self) -> dict[str, str]:
        return {"ACL": self.acl} if self.acl else {}

    def _told(self, path: str) -> AbstractContextManager[None]:
        return named(self.bucket, self.key(path))


def public_bucket(settings: Settings) -> ExportBucket:
    """The part of the bucket of archives that everybody may read."""
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

    client = S3Hook(aws_conn_id=CONN_ID).get_conn()
    return ExportBucket(
        settings.spaces_bucket, f"{settings.export_prefix.strip('/')}/", client, settings.export_acl
    )
