"""Spaces: the S3 bucket of archives and exports."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from regendata.hooks.s3_errors import named

CONN_ID = "spaces"
_PIECE = 1 << 20
_NOT_MODIFIED = 304


@dataclass(frozen=True)
class Fetched:
    """An object as a local file, with what the server said of it."""

    path: Path
    etag: str
    modified_at: datetime


class SpacesHook:
    """Reads objects of one bucket."""

    def __init__(self, bucket: str, conn_id: str = CONN_ID) -> None:
        self.bucket = bucket
        self.conn_id = conn_id

    def read_text(self, key: str) -> str:
        """A small object as text.

        :raises SourceUnavailable: bucket or key cannot be read.
        """
        with self._download(key) as path:
            return path.read_text(encoding="utf-8")

    @contextmanager
    def download(self, key: str) -> Iterator[tuple[Path, str]]:
        """An object as a local file with its sha256; the file is gone afterwards."""
        with self._download(key) as path:
            digest = hashlib.sha256()
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
            yield path, digest.hexdigest()

    @contextmanager
    def fetch_if_changed(self, key: str, known_etag: str | None) -> Iterator[Fetched | None]:
        """An object as a local file, gone afterwards; None while it still has the known ETag.

        The server decides (If-None-Match), so ETag and bytes are of one and the same object.

        :raises SourceUnavailable: bucket or key cannot be read, or the answer breaks off.
        """
        with TemporaryDirectory(prefix="regendata-") as folder:
            path = Path(folder) / Path(key).name
            with named(self.bucket, key):
                answer = self._get(key, known_etag)
                if answer is not None:
                    with path.open("wb") as file:
                        shutil.copyfileobj(answer["Body"], file, _PIECE)
            yield None if answer is None else Fetched(path, answer["ETag"], answer["LastModified"])

    def _get(self, key: str, known_etag: str | None) -> Mapping[str, Any] | None:
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook
        from botocore.exceptions import ClientError

        condition = {"IfNoneMatch": known_etag} if known_etag else {}
        try:
            client = S3Hook(aws_conn_id=self.conn_id).get_conn()
            answer: Mapping[str, Any] = client.get_object(Bucket=self.bucket, Key=key, **condition)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _NOT_MODIFIED:
                return None
            raise
        return answer

    @contextmanager
    def _download(self, key: str) -> Iterator[Path]:
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook

        with TemporaryDirectory(prefix="regendata-") as folder:
            path = Path(folder) / Path(key).name
            with named(self.bucket, key):
                S3Hook(aws_conn_id=self.conn_id).get_conn().download_file(self.bucket, key, str(path))
            yield path
