"""Objects of one bucket, whole or not at all: S3 or what speaks like it (Spaces), or Google Cloud Storage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from regendata.exceptions import SourceUnavailable
from regendata.hooks.s3_errors import named, unless_missing

S3_CONN_ID = "spaces"
GCS_CONN_ID = "google_cloud_default"


class ObjectStore(Protocol):
    """What storing needs of a bucket."""

    def read(self, key: str) -> bytes | None:
        """An object's bytes; None if there is none.

        :raises SourceUnavailable: the bucket cannot be read.
        """

    def write(self, key: str, body: bytes) -> str:
        """Put an object in one request, in place of the one before; returns its URI.

        :raises SourceUnavailable: the bucket cannot be written; the object before is still there.
        """


@dataclass(frozen=True)
class S3Objects:
    """A bucket of S3 or Spaces."""

    bucket: str
    conn_id: str = S3_CONN_ID

    def read(self, key: str) -> bytes | None:
        with named(self.bucket, key):
            found = unless_missing(self._client.get_object, Bucket=self.bucket, Key=key)
            return None if found is None else bytes(found["Body"].read())

    def write(self, key: str, body: bytes) -> str:
        with named(self.bucket, key):
            self._client.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    @cached_property
    def _client(self) -> Any:
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook

        return S3Hook(aws_conn_id=self.conn_id).get_conn()


@dataclass(frozen=True)
class GcsObjects:
    """A bucket of Google Cloud Storage."""

    bucket: str
    conn_id: str = GCS_CONN_ID

    def read(self, key: str) -> bytes | None:
        from google.api_core.exceptions import GoogleAPIError, NotFound

        try:
            return bytes(self._client.bucket(self.bucket).blob(key).download_as_bytes())
        except NotFound:
            return None
        except GoogleAPIError as error:
            raise SourceUnavailable(f"gs://{self.bucket}/{key}: {error}") from error

    def write(self, key: str, body: bytes) -> str:
        from google.api_core.exceptions import GoogleAPIError

        uri = f"gs://{self.bucket}/{key}"
        try:
            # Retrying is safe: the same key gets the same bytes.
            self._client.bucket(self.bucket).blob(key).upload_from_string(body, "application/octet-stream")
        except GoogleAPIError as error:
            raise SourceUnavailable(f"{uri}: {error}") from error
        return uri

    @cached_property
    def _client(self) -> Any:
        from airflow.providers.google.cloud.hooks.gcs import GCSHook

        return GCSHook(gcp_conn_id=self.conn_id).get_conn()
