"""What project groups are made of: applications of Grants Stack and grants of cGrants."""

from __future__ import annotations

import pytest

from regendata import settings
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.landing import project_groups
from regendata.models.relation import Relation
from tests.postgres.models import rows
from tests.support.project_groups import PAYOUT, PROJECT, Groups
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres


def test_text_of_any_kind_passes_unharmed(groups: Groups) -> None:
    title = 'Quotes ", commas, \\N and\nlines \u2014 \U0001f680'
    groups.add("a", title, website=None)
    groups.add("b", "")
    groups.run()
    landed = "SELECT project_id, title, website, payout_address FROM landing.project_applications ORDER BY 1"
    assert groups.warehouse.rows(landed) == [("a", title, None, PAYOUT.lower()), ("b", "", None, None)]


def test_an_application_gives_what_stands_in_its_metadata(groups: Groups) -> None:
    groups.add(
        "0xAA",
        "DAO *",
        created_at=1681292760563,
        applied_at="2024-03-04T05:06:07.890Z",
        usd=12.5,
        projectTwitter="@Dao",
        projectGithub="dao/x",
    )
    groups.run()
    (found,) = groups.warehouse.rows("SELECT to_jsonb(a) FROM landing.project_applications AS a")
    assert found[0] == {
        "source": "indexer",
        "application": "10/1/0",
        "project_id": "0xAA",
        "created_at": "2023-04-12T09:46:00+00:00",
        "applied_at": "2024-03-04T05:06:07.89+00:00",
        "amount_in_usd": 12.5,
        "title": "DAO *",
        "website": "https://dao *.org",
        "payout_address": PAYOUT.lower(),
        "project_twitter": "dao",
        "project_github": "dao",
    }


def test_a_time_that_is_none_is_unknown(groups: Groups) -> None:
    given = ["soon", "", None, -1, 1.5, "1681292760563000000", {"a": 1}]
    for number, time in enumerate(given):
        groups.add(f"p{number}", created_at=time, applied_at=time)
    groups.run()
    times = groups.warehouse.rows("SELECT created_at, applied_at FROM landing.project_applications")
    assert times == [(None, None)] * len(given)


def test_test_networks_and_applications_without_project_are_left_out(groups: Groups) -> None:
    groups.add("a", chain_id=11155111)
    groups.add("")
    groups.add("b")
    groups.warehouse.do("UPDATE public.applications SET metadata = NULL WHERE project_id = 'b'")
    groups.run()
    assert set(groups.ids()) == {"b"}


def test_a_grant_of_cgrants_counts_once_with_all_its_contributions(groups: Groups) -> None:
    for grant in (rows.cgrant(id=1), rows.cgrant(id=2, name="again"), rows.cgrant(id=3, grantid=146)):
        groups.insert('public."cgrantsGrants"', grant)
    for gift in (rows.contribution(id=1), rows.contribution(id=2, amountUSD=0.5)):
        groups.insert('public."cgrantsContributions"', gift)
    groups.run()
    landed = "SELECT source, project_id, title, amount_in_usd FROM landing.project_applications ORDER BY 2"
    assert groups.warehouse.rows(landed) == [
        ("cGrants", "145", "Burner Wallet 2", 11.5),
        ("cGrants", "146", "Burner Wallet 2", None),
    ]


def test_a_new_warehouse_has_no_groups_yet_and_starts_with_the_archive(warehouse: Warehouse) -> None:
    with connect() as conn:
        ensure_meta(conn, PROJECT.tables)
    assert project_groups.land(PROJECT, "first", settings.load())["projects"] == 0
    archive = PROJECT.tables[Relation("static_indexer_chain_data_75", "applications")]
    warehouse.do("CREATE SCHEMA static_indexer_chain_data_75", archive.body)
    warehouse.do(
        "INSERT INTO static_indexer_chain_data_75.applications (id, chain_id, round_id, project_id) "
        "VALUES ('0', 1, 'r', 'a')"
    )
    assert project_groups.land(PROJECT, "second", settings.load())["new_groups"] == 1
