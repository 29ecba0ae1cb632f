"""A bucket of the CDR market. Needs a boto3 S3 client and no Airflow, so AWS Lambda uses it too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regendata.exceptions import BadSourceAnswer, FinalError
from regendata.hooks.s3_errors import named, unless_missing
from regendata.sources.cdr.manifest import LATEST, Manifest, manifest_at, pointer_to, sha256_of
from regendata.sources.cdr.presign import CONTENT_TYPE, EXPIRES_S, SignedObject

JSON_TYPE = "application/json"
_NONE_SET = frozenset(
    {"NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration", "NotImplemented", "MethodNotAllowed"}
)
_EVERYBODY = ("AllUsers", "AuthenticatedUsers")
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


class PublicBucket(FinalError):
    """A bucket that everybody can read would get data whose publication nobody has permitted."""


@dataclass(frozen=True)
class Bucket:
    """Objects of one environment.

    :param client: a boto3 S3 client.
    """

    bucket: str
    client: Any

    def read(self, key: str, version_id: str | None = None) -> bytes | None:
        """An object's bytes; None if there is none.

        :raises SourceUnavailable: the bucket cannot be read.
        """
        wanted = {"VersionId": version_id} if version_id else {}
        with named(self.bucket, key):
            found = unless_missing(self.client.get_object, Bucket=self.bucket, Key=key, **wanted)
            return None if found is None else bytes(found["Body"].read())

    def exists(self, key: str) -> bool:
        """Whether there is an object of this key."""
        with named(self.bucket, key):
            return unless_missing(self.client.head_object, Bucket=self.bucket, Key=key) is not None

    def write(
        self, key: str, content: bytes, content_type: str, metadata: Mapping[str, str] | None = None
    ) -> str | None:
        """Put an object; returns its version where the bucket keeps versions."""
        with named(self.bucket, key):
            done = self.client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=content,
                ContentType=content_type,
                Metadata=dict(metadata or {}),
            )
        version = done.get("VersionId")
        return version if version != "null" else None

    def sign(self, entry: SignedObject) -> str:
        """A URL that reads the object for five minutes."""
        parameters = {
            "Bucket": self.bucket,
            "Key": entry.key,
            "ResponseContentType": CONTENT_TYPE,
            "ResponseContentDisposition": entry.disposition,
        }
        if entry.version_id:
            parameters["VersionId"] = entry.version_id
        return str(self.client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=EXPIRES_S))

    def published(self) -> Manifest | None:
        """The set in service; None before the first.

        :raises BadSourceAnswer: the pointer leads to nothing, or to a manifest that was changed.
        """
        pointer = self.read(LATEST)
        if pointer is None:
            return None
        key, sha256 = manifest_at(pointer)
        body = self.read(key)
        if body is None or sha256_of(body) != sha256:
            raise BadSourceAnswer(f"s3://{self.bucket}/{LATEST} points at {key}, which is missing or changed")
        return Manifest.from_json(body)

    def point_at(self, manifest: Manifest) -> None:
        """Put a set in service: its manifest, then the pointer. Files must be there already."""
        self.write(manifest.key, manifest.to_json(), JSON_TYPE)
        self.write(LATEST, pointer_to(manifest), JSON_TYPE)

    def refuse_public(self, permission_on_file: str) -> None:
        """:raises PublicBucket: everybody can read it (or nobody can tell), and no permission is named."""
        if not permission_on_file and self.is_public():
            raise PublicBucket(
                f"s3://{self.bucket} is open to everybody; data of CDR.fyi goes there only when "
                "REGENDATA_CDR_PERMISSION_ON_FILE names the permission"
            )

    def is_public(self) -> bool:
        """Whether anybody may read objects by access list or policy; what cannot be read counts as yes."""
        from botocore.exceptions import ClientError

        try:
            block = self._configuration("get_public_access_block")
            blocked = (block or {}).get("PublicAccessBlockConfiguration", {})
            if all(blocked.get(name) for name in _BLOCKS):
                return False
            policy = self._configuration("get_bucket_policy")
            acl = self.client.get_bucket_acl(Bucket=self.bucket)
        except ClientError:
            return True
        return _opens_acl(acl) or (policy is not None and _opens_policy(policy["Policy"]))

    def _configuration(self, operation: str) -> dict[str, Any] | None:
        from botocore.exceptions import ClientError

        try:
            return dict(getattr(self.client, operation)(Bucket=self.bucket))
        except ClientError as error:
            if error.response["Error"]["Code"] in _NONE_SET:
                return None
            raise


def _opens_acl(acl: Mapping[str, Any]) -> bool:
    uris = [grant["Grantee"].get("URI", "") for grant in acl.get("Grants", [])]
    return any(uri.endswith(_EVERYBODY) for uri in uris)


def _opens_policy(policy: str) -> bool:
    """Any unconditional right for everybody; a condition, too, is for people to judge, so it counts."""
    statements = json.loads(policy)["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return any(
        statement["Effect"] == "Allow" and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        for statement in listed
    )
