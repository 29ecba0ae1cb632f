"""The Terraform of the droplet parses, opens what it should and no more, and agrees with the code."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from regendata import paths
from tests.support.terraform import read_terraform

FOLDER = paths.REPOSITORY / "infra" / "terraform" / "droplet"


@pytest.fixture(scope="module")
def files() -> dict[str, dict[str, Any]]:
    return {path.name: read_terraform(path) for path in sorted(FOLDER.glob("*.tf"))}


def _resources(files: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        f"{kind}.{name}": body
        for file in files.values()
        for block in file.get("resource", [])
        for kind, named in block.items()
        for name, body in named.items()
        if isinstance(body, dict)
    }


def test_every_file_parses(files: dict[str, dict[str, Any]]) -> None:
    assert len(files) == 7
    assert all(files.values())


def test_the_world_reaches_the_web_and_nothing_else(files: dict[str, dict[str, Any]]) -> None:
    rules = _resources(files)["digitalocean_firewall.regendata"]["inbound_rule"]
    assert {rule["port_range"] for rule in rules if "0.0.0.0/0" in rule["source_addresses"]} == {"80", "443"}
    assert {rule["port_range"] for rule in rules} == {"22", "80", "443"}
    text = (FOLDER / "variables.tf").read_text(encoding="utf-8")
    assert text.count('!endswith(one, "/0")') == 2


def test_buckets_are_private_and_keep_versions(files: dict[str, dict[str, Any]]) -> None:
    buckets = {
        name: body
        for name, body in _resources(files).items()
        if name.startswith("digitalocean_spaces_bucket.")
    }
    assert len(buckets) == 2
    for bucket in buckets.values():
        assert bucket["acl"] == "private"
        assert bucket["versioning"][0]["enabled"] is True


@pytest.mark.parametrize("name", ["digitalocean_volume.data", "digitalocean_spaces_bucket.backups"])
def test_what_holds_data_is_not_destroyed(files: dict[str, dict[str, Any]], name: str) -> None:
    assert _resources(files)[name]["lifecycle"][0]["prevent_destroy"] is True


def test_the_first_start_installs_what_the_units_call() -> None:
    text = (FOLDER / "cloud-init.yaml").read_text(encoding="utf-8")
    assert text.startswith("#cloud-config\n")
    given = yaml.safe_load(text)
    assert "docker-compose-plugin" in str(given["runcmd"])
    assert "certbot" in given["packages"]
    units = "".join(
        path.read_text(encoding="utf-8") for path in (paths.REPOSITORY / "infra/systemd").iterdir()
    )
    assert set(re.findall(r"^Exec\w+=/usr/bin/(\w+)", units, re.MULTILINE)) == {"docker", "certbot"}
    assert "PasswordAuthentication no" in text
