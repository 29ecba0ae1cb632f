"""Spaces: the S3 bucket of archives and exports."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from regendata.exceptions import SourceUnavailable

CONN_ID = "spaces"
_PIECE = 1 << 20


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
    def _download(self, key: str) -> Iterator[Path]:
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook
        from botocore.exceptions import BotoCoreError, ClientError

        with TemporaryDirectory(prefix="regendata-") as folder:
            path = Path(folder) / Path(key).name
            try:
                S3Hook(aws_conn_id=self.conn_id).get_conn().download_file(self.bucket, key, str(path))
            except (ClientError, BotoCoreError) as error:
                raise SourceUnavailable(f"s3://{self.bucket}/{key}: {error}") from error
            yield path
