"""``GET /presigned-url`` as an AWS Lambda function behind an HTTP API or a REST API.

Environment: ``CDR_BUCKET``, ``CDR_ORIGINS`` (comma between two). The role of the function may read published
objects of that bucket, nothing else.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from regendata.exceptions import RegendataError
from regendata.hooks.cdr_bucket import Bucket
from regendata.sources.cdr.presign import Reply, Store, answer, cors_headers

log = logging.getLogger(__name__)
_NO_CONTENT: dict[str, Any] = {}


def handler(event: Mapping[str, Any], _: object) -> dict[str, Any]:
    """Answer one event; both payload formats of API Gateway are read."""
    return respond(event, _store(), os.environ["CDR_ORIGINS"].split(","))


def respond(event: Mapping[str, Any], store: Store, origins: list[str]) -> dict[str, Any]:
    """The same with everything given."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    answered = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    answered |= cors_headers(headers.get("origin"), origins)
    reply = Reply(200, _NO_CONTENT) if _method(event) == "OPTIONS" else _answer(event, store)
    body = json.dumps(reply.body) if reply.body else ""
    return {"statusCode": reply.status, "headers": answered, "body": body}


def _answer(event: Mapping[str, Any], store: Store) -> Reply:
    try:
        return answer(event.get("queryStringParameters") or {}, store)
    except RegendataError:
        log.exception("the published set cannot be read")
        return Reply(503, {"error": "The data cannot be read at the moment"})


def _method(event: Mapping[str, Any]) -> str:
    http = event.get("requestContext", {}).get("http", {})
    return str(http.get("method") or event.get("httpMethod") or "GET")


@lru_cache(maxsize=1)
def _store() -> Bucket:
    import boto3
    from botocore.config import Config

    return Bucket(os.environ["CDR_BUCKET"], boto3.client("s3", config=Config(signature_version="s3v4")))
