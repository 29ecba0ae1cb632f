"""S3 over HTTP: a moto server with one bucket.

moto keeps objects in memory, so the archives are uploaded again from their folder after each start.
"""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import requests

from sandbox import processes
from sandbox.layout import BACKUP_BUCKET, BUCKET, CDR_BUCKETS, HOST, Sandbox

NAME = "spaces"
ACCESS_KEY = "regendata"
# The one region in which S3 makes a bucket without a location constraint.
REGION = "us-east-1"
STATIC_PREFIX = "static/"
PASSPORT_PREFIX = "passport/"
CDR_PREFIX = "inputs/"


def start(sandbox: Sandbox) -> None:
    """Start the server if it is not running and make the bucket; ServiceNotReady if it does not answer."""
    if processes.find(sandbox, NAME) is None:
        port = sandbox.state.fresh_port(NAME)
        command = [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(port)]
        processes.start(sandbox, NAME, command)
    processes.wait_until(sandbox, NAME, lambda: is_ready(sandbox))
    make_buckets(sandbox)


def make_buckets(sandbox: Sandbox) -> None:
    """Archives, backups, and two of the carbon removal market, which keep versions and let pages read."""
    storage = client(sandbox)
    storage.create_bucket(Bucket=BUCKET)
    storage.create_bucket(Bucket=BACKUP_BUCKET)
    reading = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}]
    for bucket in CDR_BUCKETS.values():
        storage.create_bucket(Bucket=bucket)
        storage.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        storage.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": reading})


def is_ready(sandbox: Sandbox) -> bool:
    try:
        return requests.get(sandbox.url(NAME, "/moto-api/data.json"), timeout=5).ok
    except requests.ConnectionError:
        return False


def reset(sandbox: Sandbox) -> None:
    """Forget every object and make the buckets again, empty."""
    requests.post(sandbox.url(NAME, "/moto-api/reset"), timeout=30).raise_for_status()
    make_buckets(sandbox)


def client(sandbox: Sandbox) -> Any:
    """A boto3 S3 client of this sandbox's server."""
    import boto3

    return boto3.client(
        "s3",
        endpoint_url=sandbox.url(NAME),
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=sandbox.secret(NAME),
    )


def upload_folder(sandbox: Sandbox, folder: Path, prefix: str, bucket: str = BUCKET) -> list[str]:
    """Upload every file that the bucket lacks or holds an older copy of.

    :param prefix: ends in `/`; a file's key is the prefix and its path relative to `folder`.
    :return: the keys uploaded.
    """
    files = {
        prefix + path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    present = _present(sandbox, prefix, bucket)
    stale = sorted(key for key, path in files.items() if not _is_current(path, present.get(key)))
    storage = client(sandbox)
    for key in stale:
        storage.upload_file(str(files[key]), bucket, key)
    return stale


def _present(sandbox: Sandbox, prefix: str, bucket: str) -> dict[str, dict[str, Any]]:
    pages = client(sandbox).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {item["Key"]: item for page in pages for item in page.get("Contents", [])}


def _is_current(path: Path, held: dict[str, Any] | None) -> bool:
    if held is None:
        return False
    changed = datetime.fromtimestamp(path.stat().st_mtime, tz=timezone.utc)
    # S3 tells whole seconds.
    is_newer: bool = held["LastModified"] > changed.replace(microsecond=0)
    return is_newer and held["Size"] == path.stat().st_size


def upload_archives(sandbox: Sandbox) -> list[str]:
    """Archives, Passport's files and an operator's files where production has them; returns the keys."""
    return [
        *upload_folder(sandbox, sandbox.archives, STATIC_PREFIX),
        *upload_folder(sandbox, sandbox.passport, PASSPORT_PREFIX),
        *upload_folder(sandbox, sandbox.cdr_inputs, CDR_PREFIX, CDR_BUCKETS["test"]),
    ]
