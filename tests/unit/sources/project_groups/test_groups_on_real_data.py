"""Groups of real applications (Beta round 2023) and real grants (cGrants round 3)."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from regendata import paths
from regendata.sources.project_groups.cleaning import ATTRIBUTES, clean_table
from regendata.sources.project_groups.grouping import Grouping, group
from regendata.sources.project_groups.identity import Known, identify
from regendata.sources.project_groups.placeholders import Rule, listed_values
from regendata.sources.project_groups.projects import keys
from regendata.sources.project_groups.results import member_table
from sandbox.layout import REPOSITORY
from tests.unit.sources.project_groups.builders import row, table

GRANTS = Path(os.environ.get("REGENDATA_REAL_DATA") or REPOSITORY.parent / "shared" / "data") / "grants"
pytestmark = pytest.mark.skipif(
    not GRANTS.is_dir(), reason=f"the real data is not at {GRANTS.parent} (set REGENDATA_REAL_DATA)"
)


def _applications() -> list[dict[str, Any]]:
    with gzip.open(GRANTS / "applications_beta_2023.jsonl.gz", "rt", encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    return [_application(one["project_id"], one["metadata"]["application"]) for one in found]


def _application(project_id: str, application: dict[str, Any]) -> dict[str, Any]:
    project = application["project"]
    return row(
        project_id,
        title=project.get("title"),
        website=project.get("website"),
        payout_address=application.get("recipient"),
        project_twitter=project.get("projectTwitter"),
        project_github=project.get("projectGithub"),
    )


def _grants() -> list[dict[str, Any]]:
    names = {"title": "name", "website": "websiteurl", "payout_address": "payoutaddress"}
    names |= {"project_twitter": "twitter", "project_github": "github"}
    with (GRANTS / "cgrantsGrants_round3.csv").open(encoding="utf-8", newline="") as file:
        return [
            row(
                one["grantid"],
                source="cGrants",
                **{name: one[column] or None for name, column in names.items()},
            )
            for one in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def grouping() -> Grouping:
    with (paths.STATIC_DATA / "placeholder_values.csv").open(encoding="utf-8", newline="") as file:
        facts = [(one["attribute"] or None, one["value"]) for one in csv.DictReader(file)]
    rows = clean_table(table([*_applications(), *_grants()]))
    return group(rows, [], Rule(listed_values(facts), most=100))


def test_four_pairs_of_projects_are_one(grouping: Grouping) -> None:
    identity = identify(
        grouping.components, keys(grouping.projects.table), Known.nothing(len(grouping.projects))
    )
    links = [one for one in member_table(grouping, identity).to_pylist() if one["linked_project_id"]]
    assert (len(grouping.projects), len(identity.group_ids)) == (527, 523)
    assert Counter(one["shared_attributes"] for one in links) == {
        "{payout_address,project_twitter,project_github}": 1,
        "{website,payout_address,project_twitter}": 1,
        "{website,project_twitter,project_github}": 1,
        "{website,payout_address,project_twitter,project_github}": 1,
    }


def test_people_do_leave_placeholders(grouping: Grouping) -> None:
    assert [(one.attribute, one.value, one.projects) for one in grouping.placeholders] == [
        ("title", "test", 1)
    ]


def test_cleaning_loses_no_real_value() -> None:
    written = table([*_applications(), *_grants()])
    cleaned = clean_table(written)
    unknown = {name: sum(not text for text in written[name].to_pylist()) for name in ATTRIBUTES}
    assert {name: cleaned[name].null_count for name in ATTRIBUTES} == unknown
    assert 0 < unknown["payout_address"] < 10
