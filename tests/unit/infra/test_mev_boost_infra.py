"""Terraform and pod template of MEV-Boost parse, agree with the code, and give no more rights than needed."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
import yaml

from infra import mev_boost_schemas
from regendata import paths
from regendata.models.tables import read_table
from regendata.settings import Settings
from regendata.sources.mev_boost.days import DAY_TABLES, SIGNATURES, derived_schema
from regendata.sources.mev_boost.schema import ENDPOINTS, FIELDS, IDENTITY
from tests.support.terraform import read_terraform

FOLDER = paths.REPOSITORY / "infra" / "terraform" / "mev_boost"
POD = paths.REPOSITORY / "infra" / "helm" / "mev_boost" / "pod_template.yaml"


@cache
def _files() -> dict[str, dict[str, Any]]:
    files = sorted(FOLDER.rglob("*.tf*"))
    return {path.name: read_terraform(path) for path in files}


def _resources(kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: body
        for file in _files().values()
        for block in file.get("resource", [])
        for type_, named in block.items()
        if type_ == kind
        for name, body in named.items()
        if isinstance(body, dict)
    }


def _default(variable: str) -> Any:
    blocks = [block for block in _files()["variables.tf"]["variable"] if variable in block]
    return blocks[0][variable].get("default")


def test_every_file_parses() -> None:
    assert len(_files()) == 10
    assert all(_files().values())


def test_schemas_are_those_of_the_code() -> None:
    for path, text in mev_boost_schemas.files().items():
        assert path.read_text(encoding="utf-8") == text, "run python -m infra.mev_boost_schemas"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_postgres_has_the_same_columns(endpoint: Any) -> None:
    table = read_table(paths.TABLES / "mev_boost" / f"{endpoint}.sql")
    assert [(one.name, one.type) for one in table.columns] == [
        (field.name, field.postgres) for field in FIELDS[endpoint]
    ]
    required = {one.name for one in table.columns if "NOT NULL" in one.definition}
    assert required == {field.name for field in FIELDS[endpoint] if field.required}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_a_row_is_known_by_is_never_empty(endpoint: Any) -> None:
    fields = json.loads((FOLDER / "schemas" / f"{endpoint}.json").read_text())
    required = {field["name"] for field in fields if field["mode"] == "REQUIRED"}
    assert required >= {*IDENTITY[endpoint], "day", "value"}


def test_there_is_a_table_for_everything_derived_of_days() -> None:
    derived = _resources("google_bigquery_table")["derived"]
    assert f"{derived['for_each']}".count('"') == 2 * len([*DAY_TABLES, SIGNATURES])
    for table in (*DAY_TABLES, SIGNATURES):
        assert f'"{table}"' in str(derived["for_each"])
        described = read_table(paths.TABLES / "mev_boost" / f"{table}.sql")
        assert [field["name"] for field in derived_schema(table)] == list(described.column_names)


def test_tables_are_cut_into_days_and_cannot_be_read_whole_by_mistake() -> None:
    rows = _resources("google_bigquery_table")["rows"]
    assert rows["time_partitioning"][0] == {
        "type": "DAY",
        "field": "day",
        **_marks(rows["time_partitioning"][0]),
    }
    assert rows["clustering"] == ["relay", "slot"]
    assert (rows["require_partition_filter"], rows["deletion_protection"]) == (True, True)


def _marks(block: dict[str, Any]) -> dict[str, Any]:
    """What newer parsers add to a block."""
    return {key: value for key, value in block.items() if key.startswith("__")}


def test_buckets_are_private_and_encrypted() -> None:
    for body in _resources("google_storage_bucket").values():
        assert (body["public_access_prevention"], body["uniform_bucket_level_access"]) == ("enforced", True)
        assert body["encryption"][0]["default_kms_key_name"]
        assert body["versioning"][0]["enabled"] is True


def test_the_loader_may_write_rows_and_objects_and_nothing_else() -> None:
    kinds = (
        "google_storage_bucket_iam_member",
        "google_bigquery_dataset_iam_member",
        "google_project_iam_member",
    )
    roles = {
        (kind, body["role"])
        for kind in kinds
        for body in _resources(kind).values()
        if "google_service_account.loader" in str(body["member"])
    }
    assert roles == {
        ("google_storage_bucket_iam_member", "roles/storage.objectUser"),
        ("google_bigquery_dataset_iam_member", "roles/bigquery.dataEditor"),
        ("google_project_iam_member", "roles/bigquery.jobUser"),
    }
    assert not _resources("google_service_account_key")


def test_everybody_reads_at_most_the_public_views() -> None:
    open_to_all = [
        (kind, body["dataset_id"])
        for kind in ("google_bigquery_dataset_iam_member", "google_storage_bucket_iam_member")
        for body in _resources(kind).values()
        if re.search("allAuthenticatedUsers|allUsers", str(body["member"]))
    ]
    assert len(open_to_all) == 1
    assert "public" in open_to_all[0][1]


def test_names_are_those_of_the_settings() -> None:
    settings = Settings()
    assert _default("dataset") == settings.mev_bigquery_dataset
    assert _default("location") == settings.mev_bigquery_location


@pytest.mark.parametrize("env", ["test", "prod"])
def test_environments_share_nothing(env: str) -> None:
    given = _files()[f"{env}.tfvars"]
    assert given["environment"] == env
    assert given["project"].endswith(env)
    assert given["bucket"].endswith(env)


def test_backload_pods_run_on_their_pool_as_the_loader() -> None:
    pod = yaml.safe_load(POD.read_text(encoding="utf-8"))
    node = _resources("google_container_node_pool")["backload"]["node_config"][0]
    labels = {key: value for key, value in node["labels"].items() if not key.startswith("__")}
    assert pod["spec"]["nodeSelector"] == labels
    taint, toleration = node["taint"][0], pod["spec"]["tolerations"][0]
    assert (toleration["key"], toleration["value"]) == (taint["key"], taint["value"])
    assert _default("namespace").split("/")[1] == pod["spec"]["serviceAccountName"]
    assert node["spot"] is True


def test_backload_pods_have_no_more_rights_than_needed() -> None:
    pod = yaml.safe_load(POD.read_text(encoding="utf-8"))
    (container,) = pod["spec"]["containers"]
    assert container["name"] == "base"
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True
    rights = container["securityContext"]
    assert (rights["allowPrivilegeEscalation"], rights["readOnlyRootFilesystem"]) == (False, True)
    assert rights["capabilities"]["drop"] == ["ALL"]
    assert container["resources"]["limits"]["memory"]
