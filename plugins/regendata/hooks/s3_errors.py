"""What boto3 says when S3, or what speaks like it, does not do as asked. Needs no Airflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from regendata.exceptions import SourceUnavailable

T = TypeVar("T")

#: Codes of an object that is not there; HEAD has no body and so only the status.
_MISSING = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchVersion"})


@contextmanager
def named(bucket: str, key: str) -> Iterator[None]:
    """:raises SourceUnavailable: naming bucket and key, with what S3 said."""
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (ClientError, BotoCoreError, S3UploadFailedError) as error:
        raise SourceUnavailable(f"s3://{bucket}/{key}: {error}") from error


def unless_missing(operation: Callable[..., T], **parameters: Any) -> T | None:
    """What an operation of a client answers; None where there is no such object."""
    from botocore.exceptions import ClientError

    try:
        return operation(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return None
        raise
