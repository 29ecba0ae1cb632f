"""Promote: the very files that were looked at in test go to prod, proved by checksum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from regendata.exceptions import BadSourceAnswer, EmptySource
from regendata.hooks.cdr_bucket import Bucket
from regendata.landing.cdr.publish import put_in_service
from regendata.sources.cdr.manifest import Manifest, sha256_of


@dataclass(frozen=True)
class Proposal:
    """A published set of test, as it was put before a person.

    :param changes: Markdown: what would change in prod; empty where nothing would.
    """

    manifest_key: str
    sha256: str
    changes: str


def propose(test: Bucket, prod: Bucket) -> Proposal:
    """The set in service in test, beside the one in prod.

    :raises EmptySource: nothing is published in test.
    :raises BadSourceAnswer: a file of the set is missing or changed.
    """
    manifest = test.published()
    if manifest is None:
        raise EmptySource(f"s3://{test.bucket} has no published set to promote")
    files_of(test, manifest)
    now = prod.published()
    same = now is not None and now.content == manifest.content
    return Proposal(
        manifest.key, sha256_of(manifest.to_json()), "" if same else "\n".join(_markdown(manifest, now))
    )


def promote(test: Bucket, prod: Bucket, manifest_key: str, sha256: str, permission_on_file: str) -> str:
    """Copy the approved set; returns the key of its manifest in prod.

    Test may have moved on meanwhile: what counts is the manifest that was approved.

    :raises PublicBucket: everybody can read prod's bucket, and no permission is on file.
    :raises BadSourceAnswer: manifest or file is not the one that was approved.
    """
    prod.refuse_public(permission_on_file)
    body = test.read(manifest_key)
    if body is None or sha256_of(body) != sha256:
        raise BadSourceAnswer(f"s3://{test.bucket}/{manifest_key} is not the manifest that was approved")
    manifest = Manifest.from_json(body)
    contents = files_of(test, manifest)
    promoted = replace(
        manifest,
        published_at=datetime.now(timezone.utc).isoformat(),
        promoted_from=f"s3://{test.bucket}/{manifest_key}",
    )
    return put_in_service(prod, promoted, contents).key


def files_of(bucket: Bucket, manifest: Manifest) -> Mapping[str, bytes]:
    """The files of a published set, proved.

    :raises BadSourceAnswer: one is missing or not the one of the manifest.
    """
    contents = {}
    for name, entry in manifest.files.items():
        content = bucket.read(entry.key, entry.version_id)
        if content is None or sha256_of(content) != entry.sha256:
            raise BadSourceAnswer(f"s3://{bucket.bucket}/{entry.key} is missing or not the published file")
        contents[name] = content
    return contents


def _markdown(new: Manifest, old: Manifest | None) -> Iterator[str]:
    yield f"Set of {new.day} (run {new.run_id}), as of {new.as_of}."
    yield ""
    yield "| file | figure | prod now | this set |"
    yield "|---|---|---|---|"
    for name, entry in new.files.items():
        before = old.files.get(name) if old else None
        yield f"| {name} | rows | {before.rows if before else 'none'} | {entry.rows} |"
        for figure, value in entry.totals.items():
            known = before.totals.get(figure, "none") if before else "none"
            yield f"| {name} | {figure} | {known} | {value} |"
