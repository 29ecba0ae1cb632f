"""Check a staged set, put it in service, and tell how the run went."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timezone
from itertools import chain
from typing import Any

from regendata.exceptions import CheckFailed
from regendata.hooks.cdr_bucket import JSON_TYPE, Bucket
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import cdr_market
from regendata.landing.cdr.rules import rules
from regendata.landing.cdr.stage import staged
from regendata.settings import Settings
from regendata.sources.cdr.checks import Finding, Limits, check_agreement, check_content, compare
from regendata.sources.cdr.files import DATA_SETS
from regendata.sources.cdr.manifest import ATTRIBUTION, STATUS, TERMS, FileEntry, Manifest
from regendata.sources.cdr.presign import CONTENT_TYPE
from regendata.sources.cdr.status import State, next_status
from regendata.sources.cdr.tables import CREDIT_SALE

METADATA = {"attribution": ATTRIBUTION, "terms": TERMS}


def check(
    bucket: Bucket, env: str, dag_id: str, run_id: str, settings: Settings, accept: bool
) -> dict[str, str]:
    """Judge a staged set by itself and beside the published one; the findings are kept.

    :param accept: a person has looked at the changes: comparisons are noted, but do not stop.
    :returns: figure per check.
    :raises CheckFailed: naming each check that failed; nothing has moved.
    """
    manifest, contents = staged(bucket, run_id)
    alone = list(_alone(manifest, contents))
    limits = Limits(settings.cdr_max_fall_pct, settings.cdr_max_rise_pct, settings.cdr_max_group_fall_pct)
    beside = list(compare(manifest.files, bucket.published(), limits))
    with connect() as conn:
        checks = [asdict(finding) for finding in (*alone, *beside)]
        facts = {"state": "checked", "checks": checks, "details": manifest.facts}
        cdr_market.write_run(conn, env, run_id, dag_id, facts)
    failed = [finding for finding in chain(alone, [] if accept else beside) if not finding.passed]
    if failed:
        raise CheckFailed(
            f"{env}: " + "; ".join(map(str, failed)) + ". Yesterday's files stay in service; where the "
            "change is right, run again with accept"
        )
    return {finding.check: finding.figure for finding in (*alone, *beside)}


def _alone(manifest: Manifest, contents: Mapping[str, bytes]) -> Iterator[Finding]:
    for name, data_set in DATA_SETS.items():
        yield from check_content(data_set, contents[name])
    with connect() as conn:
        tons = cdr_market.counted_tons(conn, CREDIT_SALE, rules().excluded)
    yield from check_agreement(manifest.files, tons)


def publish(bucket: Bucket, env: str, dag_id: str, run_id: str, permission_on_file: str) -> State:
    """Put a checked set in service: files, then manifest, then pointer. An equal set changes nothing.

    :raises PublicBucket: everybody can read the bucket, and no permission is on file.
    """
    bucket.refuse_public(permission_on_file)
    manifest, contents = staged(bucket, run_id)
    before = bucket.published()
    if before is not None and before.content == manifest.content:
        done: State = "unchanged"
        key = before.key
    else:
        served = put_in_service(bucket, manifest, contents)
        done, key = "published", served.key
    with connect() as conn:
        cdr_market.write_run(conn, env, run_id, dag_id, {"state": done, "manifest_key": key})
    return done


def put_in_service(bucket: Bucket, manifest: Manifest, contents: Mapping[str, bytes]) -> Manifest:
    """Write files, manifest and pointer, in this order; returns the manifest with the objects' versions."""
    entries: dict[str, FileEntry] = {}
    for name, entry in manifest.files.items():
        metadata = METADATA | {"sha256": entry.sha256}
        version = bucket.write(entry.key, contents[name], CONTENT_TYPE, metadata)
        entries[name] = replace(entry, version_id=version)
    served = replace(manifest, files=entries)
    bucket.point_at(served)
    return served


def report(
    bucket: Bucket, env: str, dag_id: str, run_id: str, published: State | None, failed: Sequence[str]
) -> None:
    """Write the status of the environment, for everybody, and of the run, for the house."""
    before = bucket.read(STATUS)
    now = datetime.now(timezone.utc).isoformat()
    status = next_status(json.loads(before) if before else None, run_id, now, published or "failed", failed)
    bucket.write(STATUS, status.to_json(), JSON_TYPE)
    if failed:
        facts: dict[str, Any] = {"state": "failed", "reason": f"failed: {', '.join(sorted(failed))}"}
        with connect() as conn:
            cdr_market.write_run(conn, env, run_id, dag_id, facts)
