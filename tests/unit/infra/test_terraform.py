"""The Terraform of the market parses, agrees with the code, and gives no more rights than are needed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from regendata import paths
from regendata.settings import Settings
from tests.support.terraform import read_terraform

FOLDER = paths.REPOSITORY / "infra" / "terraform" / "cdr_market"


def _blocks(kind: str) -> dict[str, dict[str, Any]]:
    """`type.name` -> body of every resource or data block."""
    found = {}
    for path in sorted(FOLDER.glob("*.tf")):
        for block in read_terraform(path).get(kind, []):
            for type_, named in block.items():
                found |= {f"{type_}.{name}": body for name, body in named.items() if isinstance(body, dict)}
    return found


def _statements(document: str) -> list[dict[str, Any]]:
    return list(_blocks("data")[f"aws_iam_policy_document.{document}"]["statement"])


def _allowed(document: str) -> set[str]:
    return {
        action
        for one in _statements(document)
        if one.get("effect", "Allow") == "Allow"
        for action in one["actions"]
    }


def _locals() -> str:
    return re.sub(r"\s+", " ", (FOLDER / "roles.tf").read_text(encoding="utf-8").split("locals {")[1])


def test_every_file_parses() -> None:
    files = sorted(FOLDER.rglob("*.tf*"))
    assert len(files) == 9
    assert all(read_terraform(path) for path in files)


def test_the_bucket_is_private_and_keeps_versions() -> None:
    resources = _blocks("resource")
    block = resources["aws_s3_bucket_public_access_block.market"]
    for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"):
        assert block[name] is True
    versioning = resources["aws_s3_bucket_versioning.market"]["versioning_configuration"]
    assert versioning[0]["status"] == "Enabled"
    assert _statements("encrypted_transport")[0]["effect"] == "Deny"


def test_the_function_reads_published_objects_and_nothing_else() -> None:
    assert _allowed("function") == {
        "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "kms:Decrypt", "logs:CreateLogStream",
        "logs:PutLogEvents",
    }  # fmt: skip
    assert 'published = ["processed/*", "manifests/*", "latest.json"]' in _locals()


def test_the_publisher_deletes_nothing_and_opens_nothing() -> None:
    allowed = _allowed("publisher")
    assert {action for action in allowed if re.search(r"Delete|Put", action)} == {"s3:PutObject"}
    assert not any("*" in action for action in allowed)
    assert 'written = concat(local.published, ["raw/*", "staging/*", "status.json"])' in _locals()


def test_the_function_is_the_handler_of_the_code() -> None:
    function = _blocks("resource")["aws_lambda_function.presigned_url"]
    module, _, name = function["handler"].rpartition(".")
    source = paths.REPOSITORY.joinpath("plugins", *module.split(".")).with_suffix(".py").read_text()
    assert f"def {name}(" in source
    given = function["environment"][0]["variables"]
    assert set(re.findall(r'os\.environ\["(\w+)"\]', source)) == set(given)


@pytest.mark.parametrize("env", ["test", "prod"])
def test_environments_agree_with_the_settings(env: str) -> None:
    given = read_terraform(FOLDER / "environments" / f"{env}.tfvars")
    assert (given["environment"], given["bucket"]) == (env, getattr(Settings(), f"cdr_{env}_bucket"))
    if env == "prod":
        assert ",".join(given["origins"]) == Settings().public_api_origins
