"""Which buckets count as public; what cannot be told does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from regendata.hooks.cdr_bucket import Bucket, PublicBucket

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
ANY_LOGIN = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"


@dataclass
class Client:
    """A bucket's configuration as S3 tells it; an error code in place of an answer raises."""

    block: Any = "NoSuchPublicAccessBlockConfiguration"
    policy: Any = "NoSuchBucketPolicy"
    acl: Any = field(default_factory=lambda: {"Grants": [{"Grantee": {"ID": "owner"}}]})

    def get_public_access_block(self, **_: Any) -> Any:
        return self._told(self.block, "PublicAccessBlockConfiguration")

    def get_bucket_policy(self, **_: Any) -> Any:
        return self._told(self.policy, "Policy")

    def get_bucket_acl(self, **_: Any) -> Any:
        return self.acl if isinstance(self.acl, dict) else self._told(self.acl, "")

    def _told(self, answer: Any, key: str) -> Any:
        if isinstance(answer, str) and not answer.startswith("{"):
            raise ClientError({"Error": {"Code": answer}}, "operation")
        return {key: answer}


def _granted(uri: str) -> dict[str, Any]:
    return {"Grants": [{"Grantee": {"ID": "owner"}}, {"Grantee": {"URI": uri}}]}


def _policy(**statement: Any) -> str:
    return json.dumps({"Statement": [{"Effect": "Deny", "Principal": "*"}, {"Effect": "Allow"} | statement]})


@pytest.mark.parametrize(
    ("client", "public"),
    [
        (Client(), False),
        (Client(block="MethodNotAllowed"), False),
        (Client(acl=_granted(EVERYBODY)), True),
        (Client(acl=_granted(ANY_LOGIN)), True),
        (Client(acl=_granted(EVERYBODY), block=dict.fromkeys(BLOCKS, True)), False),
        (Client(acl=_granted(EVERYBODY), block=dict.fromkeys(BLOCKS[:3], True)), True),
        (Client(policy=_policy(Principal="*")), True),
        (Client(policy=_policy(Principal={"AWS": "*"})), True),
        (Client(policy=_policy(Principal={"AWS": ["*"]}, Condition={"IpAddress": {}})), True),
        (Client(policy=_policy(Principal={"AWS": "arn:aws:iam::1:role/airflow"})), False),
        (Client(policy=json.dumps({"Statement": {"Effect": "Allow", "Principal": "*"}})), True),
        (Client(acl="AccessDenied"), True),
        (Client(policy="AccessDenied"), True),
        (Client(block="AccessDenied"), True),
    ],
)
def test_public_or_not(client: Client, public: bool) -> None:
    bucket = Bucket("market", client)
    assert bucket.is_public() == public
    bucket.refuse_public("letter of 2026-03-01")
    if public:
        with pytest.raises(PublicBucket, match="s3://market is open to everybody"):
            bucket.refuse_public("")
    else:
        bucket.refuse_public("")
