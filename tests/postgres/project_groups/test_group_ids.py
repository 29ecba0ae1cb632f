"""Project groups in a real warehouse: ids that stay, history, findings, and what readers see of it."""

from __future__ import annotations

import random

import psycopg
import pytest

from regendata.exceptions import EmptySource
from regendata.hooks.warehouse import project_groups as stored
from regendata.landing import project_groups
from tests.postgres.models import rows
from tests.support.project_groups import PAYOUT, Groups
from tests.unit.sources.project_groups.builders import Memory, grouped, row

pytestmark = pytest.mark.postgres


def test_a_second_run_changes_nothing_and_loads_nothing(groups: Groups) -> None:
    groups.add("a", "x")
    groups.add("b", "x")
    groups.add("c", "y")
    done = groups.run()
    assert (done["projects"], done["groups"], done["new_groups"]) == (3, 2, 2)
    ids, state = groups.ids(), groups.state()
    assert ids["a"] == ids["b"] != ids["c"]
    again = groups.run()
    assert again["landed"] == {}
    assert (again["new_groups"], again["changes"]) == (0, {})
    assert (groups.ids(), groups.state()) == (ids, state)


def test_merge_and_split_are_written_down(groups: Groups) -> None:
    for name in "abc":
        groups.add(name)
    groups.run()
    before = groups.ids()
    groups.link("a", "c")
    assert groups.run()["changes"] == {"merge": 1}
    assert groups.ids() == before | {"c": before["a"]}
    merged_into = "SELECT group_id, merged_into FROM meta.project_group WHERE retired_at IS NOT NULL"
    assert groups.warehouse.rows(merged_into) == [(before["c"], before["a"])]
    groups.unlink()
    groups.link("a", "b")
    assert groups.run()["changes"] == {"merge": 1, "split": 1}
    after = groups.ids()
    assert after["a"] == after["b"] == before["a"]
    assert after["c"] not in before.values()
    assert [event[:4] for event in groups.history()] == [
        ("merge", before["c"], before["a"], 1),
        ("split", before["a"], after["c"], 1),
        ("merge", before["b"], before["a"], 1),
    ]
    assert groups.history()[1][4:] == ("no link is left to the oldest member a (indexer)", "run 3")


def test_projects_that_are_away_keep_and_follow_their_group(groups: Groups) -> None:
    for name in "abcd":
        groups.add(name)
    groups.link("c", "d")
    groups.run()
    before = groups.ids()
    groups.warehouse.do("DELETE FROM public.applications WHERE project_id IN ('b', 'd')")
    groups.link("a", "c")
    groups.run()
    assert groups.ids() == {"a": before["a"], "c": before["a"]}
    away = "SELECT project_id, group_id FROM meta.project_group_member WHERE seniority IS NULL ORDER BY 1"
    assert groups.warehouse.rows(away) == [("b", before["b"]), ("d", before["a"])]
    groups.add("b")
    groups.add("d")
    assert groups.run()["new_groups"] == 0
    assert groups.ids() == {"a": before["a"], "b": before["b"], "c": before["a"], "d": before["a"]}
    assert groups.warehouse.rows(away) == []


def test_newcomers_change_no_id(groups: Groups) -> None:
    groups.add("b", "x", created_at=1_600_000_000_000)
    groups.add("c", "y", created_at=1_650_000_000_000)
    groups.run()
    before = groups.ids()
    groups.add("a", "x", created_at=1_500_000_000_000)
    groups.add("d", "z", created_at=1_400_000_000_000)
    groups.run()
    after = groups.ids()
    assert after == before | {"a": before["b"], "d": after["d"]}


def test_a_run_that_dies_before_landing_is_made_good_by_the_next(
    groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups.add("a")
    groups.add("b")
    groups.run()
    before = groups.ids()
    groups.link("a", "b")
    with monkeypatch.context() as patch:
        patch.setattr(project_groups, "land_whole", _die)
        with pytest.raises(psycopg.OperationalError):
            groups.run()
    assert groups.ids() == before
    assert groups.run()["changes"] == {}
    assert groups.ids() == {"a": before["a"], "b": before["a"]}
    assert len(groups.history()) == 1


def test_a_run_that_dies_while_it_writes_leaves_nothing(
    groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups.add("a")
    groups.run()
    state = groups.state()
    groups.add("b")
    groups.link("a", "b")
    with monkeypatch.context() as patch:
        patch.setattr(stored, "keep_findings", _die)
        with pytest.raises(psycopg.OperationalError):
            groups.run()
    assert groups.state() == state


def _die(*_: object, **__: object) -> None:
    raise psycopg.OperationalError("the server went away")


def test_findings_of_the_last_run_can_be_read_by_analysts(
    groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGENDATA_PLACEHOLDER_PROJECTS", "2")
    for name in "abc":
        groups.add(name, projectTwitter="https://twitter.com/Gitcoin", projectGithub="popular")
    groups.link("a", "nobody")
    done = groups.run()
    assert done["groups"] == 3
    assert (done["placeholders"], done["unknown_manual_links"]) == (2, 1)
    found = (
        "SELECT attribute, value, reason, project_count, row_count FROM meta.project_placeholder ORDER BY 1"
    )
    assert groups.warehouse.rows(found) == [
        ("project_github", "popular", "shared by too many projects", 3, 3),
        ("project_twitter", "gitcoin", "listed", 3, 3),
    ]
    unknown = "SELECT project_id_1, project_id_2, run_id FROM meta.unknown_project_link"
    assert groups.warehouse.rows(unknown) == [("a", "nobody", "run 1")]
    groups.unlink()
    groups.run()
    assert groups.warehouse.rows(unknown) == []


def test_without_rows_groups_stay(groups: Groups) -> None:
    groups.add("a")
    groups.run()
    state = groups.state()
    groups.warehouse.do("DELETE FROM public.applications")
    with pytest.raises(EmptySource, match="no source has an application"):
        groups.run()
    assert groups.state() == state


def test_readers_find_groups_links_and_sums(groups: Groups) -> None:
    grant = rows.cgrant(name="Dao", websiteurl="https://dao.org", payoutaddress=PAYOUT, github="dao/x")
    groups.insert('public."cgrantsGrants"', grant | {"createdon": "2019-05-01"})
    groups.insert('public."cgrantsContributions"', rows.contribution(amountUSD=100))
    same = {"website": "https://dao.org/", "created_at": 1672531200000}
    groups.add("0xaa", "DAO!", usd=20, applied_at="2024-02-01", projectTwitter="@dao", **same)
    groups.add("0xaa", "DAO!", usd=None, applied_at="2024-01-01", **same)
    groups.add("0xbb", "Other", website=None)
    groups.run()
    groups.publish()
    ids = groups.ids()
    lookup = "SELECT group_id, project_id, source FROM public.project_lookup ORDER BY project_id"
    assert groups.warehouse.rows(lookup) == [
        (ids["145"], "0xaa", "indexer"),
        (ids["0xbb"], "0xbb", "indexer"),
        (ids["145"], "145", "cGrants"),
    ]
    assert groups.warehouse.rows("SELECT * FROM public.project_links") == [
        (
            ids["145"],
            "0xaa",
            "indexer",
            "145",
            "cGrants",
            "attributes",
            ["title", "website", "payout_address"],
        )
    ]
    summary = "SELECT to_jsonb(s) - 'group_id' FROM public.project_groups_summary AS s WHERE group_id = %s"
    assert groups.warehouse.value(summary, [ids["145"]]) == {
        "title": "DAO!",
        "total_amount_donated": 120,
        "application_count": 3,
        "latest_created_application": "2023-01-01T00:00:00+00:00",
        "latest_created_project_id": "0xaa",
        "latest_website": "https://dao.org",
        "latest_payout_address": PAYOUT.lower(),
        "latest_project_twitter": "dao",
        "latest_project_github": None,
        "latest_source": "indexer",
        "first_created_project_id": "145",
        "first_website": "https://dao.org",
        "first_payout_address": PAYOUT.lower(),
        "first_project_twitter": None,
        "first_project_github": "dao",
        "first_source": "cGrants",
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_the_warehouse_remembers_as_the_rules_say(groups: Groups, seed: int) -> None:
    """Random runs, kept in tables and in a dictionary beside them: the same ids, however they went."""
    draw, memory = random.Random(seed), Memory()
    for _ in range(6):
        names = draw.sample("abcdefghij", draw.randrange(4, 10))
        pairs = [(draw.choice(names), draw.choice(names)) for _ in range(draw.randrange(5))]
        groups.unlink()
        groups.warehouse.do("DELETE FROM public.applications")
        for name in names:
            groups.add(name)
        for one, other in pairs:
            groups.link(one, other)
        groups.run()
        memory.run(grouped([row(name) for name in names], pairs))
        assert groups.ids() == {name: memory.group_of[f"indexer/{name}"] for name in names}
    retired = groups.warehouse.rows("SELECT group_id FROM meta.project_group WHERE merged_into IS NOT NULL")
    assert {group_id for (group_id,) in retired} == memory.retired != set()
