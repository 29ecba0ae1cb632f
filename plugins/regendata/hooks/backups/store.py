"""The bucket of backups. Dumps go in and out in pieces: memory stays the same whatever their size."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from regendata.backups.keys import ARCHIVES, PREFIX, WHOLE, BackupId, Found, sort_out
from regendata.backups.manifest import MAGIC, Archive, Manifest
from regendata.exceptions import BackupRefused
from regendata.hooks.s3_errors import named

CONN_ID = "backups"
#: Pieces of a multipart upload; S3 takes 10,000 of them.
_PART = 16 << 20
_PIECE = 1 << 20


class Readable(Protocol):
    """What an upload reads from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at the end."""


@dataclass(frozen=True)
class BackupStore:
    """Backups of one bucket.

    :param client: a boto3 S3 client.
    """

    bucket: str
    client: Any

    @classmethod
    def of(cls, bucket: str) -> BackupStore:
        """By the Airflow connection ``backups``."""
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook

        return cls(bucket, S3Hook(aws_conn_id=CONN_ID).get_conn())

    def upload(self, key: str, dump: Readable) -> None:
        """Send an archive while it is made. When reading fails nothing of it stays in the bucket."""
        from boto3.s3.transfer import TransferConfig

        # Without threads one piece is in memory at a time.
        config = TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART, use_threads=False)
        with self._named(key):
            self.client.upload_fileobj(dump, self.bucket, key, Config=config)

    def write_manifest(self, manifest: Manifest) -> None:
        """Make the backup count.

        :raises BackupRefused: the bucket holds another size than was sent.
        """
        with self._named(manifest.backup.manifest):
            for name, archive in manifest.archives.items():
                self._check_size(manifest.backup.archive(name), archive)
            self.client.put_object(
                Bucket=self.bucket,
                Key=manifest.backup.manifest,
                Body=manifest.to_json(),
                ContentType="application/json",
            )

    def read_manifest(self, backup: BackupId) -> Manifest:
        """:raises BackupRefused: it is no manifest of this backup."""
        with self._named(backup.manifest):
            body = self.client.get_object(Bucket=self.bucket, Key=backup.manifest)["Body"].read()
        return Manifest.from_json(backup, body)

    def download(self, manifest: Manifest, folder: Path) -> None:
        """Fetch all archives and prove them, before anybody runs what stands in them.

        :raises BackupRefused: one is cut short, changed, or no dump.
        """
        for name, archive in manifest.archives.items():
            self._fetch(manifest.backup.archive(name), archive, folder / name)

    def _fetch(self, key: str, archive: Archive, path: Path) -> None:
        digest = hashlib.sha256()
        with self._named(key), path.open("wb") as file:
            self._check_size(key, archive)
            body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"]
            for piece in body.iter_chunks(_PIECE):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != archive.sha256:
            raise BackupRefused(f"{self._url(key)} was changed: its sha256 is another")
        with path.open("rb") as file:
            self._check_magic(file, key)

    def found(self, conn_id: str) -> Found:
        """Backups of one database."""
        with self._named(PREFIX):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=f"{PREFIX}{conn_id}/"
            )
            return sort_out(one["Key"] for page in pages for one in page.get("Contents", []))

    def remove(self, backup: BackupId) -> None:
        """Manifest first, so that what is half removed does not count as a backup."""
        for key in (backup.manifest, *map(backup.archive, (*ARCHIVES, WHOLE))):
            with self._named(key):
                self.client.delete_object(Bucket=self.bucket, Key=key)

    def _check_size(self, key: str, archive: Archive) -> None:
        held = self.client.head_object(Bucket=self.bucket, Key=key)["ContentLength"]
        if held != archive.size:
            raise BackupRefused(f"{self._url(key)} has {held} bytes instead of {archive.size}")

    def _check_magic(self, file: IO[bytes], key: str) -> None:
        if file.read(len(MAGIC)) != MAGIC:
            raise BackupRefused(f"{self._url(key)} is no dump of pg_dump's custom format")

    def _url(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def _named(self, key: str) -> AbstractContextManager[None]:
        return named(self.bucket, key)
