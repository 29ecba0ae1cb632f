"""Checks across the views of a build: references, and what readers were promised."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

import pytest

from regendata.exceptions import CheckFailed
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.promises import check_promises
from regendata.models.contracts import Contract, read_contract
from regendata.models.waivers import Waiver
from tests.support.check_results import checked, waiver
from tests.support.small_project import GIFTS, NAMES, SmallProject

pytestmark = pytest.mark.postgres

CONTRACT = """
reader: A dashboard
relations:
  public.gifts: {id: integer, amount: real}
  public.chain_names: {name: text}
  public.of_another_system: {id: integer}
probes:
  gifts by chain: |
    SELECT named.name, sum(gift.amount) AS amount
    FROM public.gifts AS gift
    INNER JOIN public.chain_names AS named ON gift.chain_id = named.chain_id
    GROUP BY named.name
  with another system: SELECT o.id FROM public.of_another_system AS o, public.gifts AS g
"""


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    path = tmp_path / "dashboard.yaml"
    path.write_text(CONTRACT, encoding="utf-8")
    return read_contract(path)


def promised(small: SmallProject, build_id: int, contract: Contract, *waivers: Waiver) -> dict[str, str]:
    """Verdict of each check across views, by name."""
    with connect() as conn:
        found = check_promises(conn, build_id, small.load(), [contract], waivers)
    return {result.name: result.verdict for results in found.values() for result in results}


def test_promises_are_kept(small: SmallProject, contract: Contract) -> None:
    small.land(GIFTS, NAMES)
    small.build()
    assert promised(small, 1, contract) == {
        "reader dashboard: columns": "passed",
        "reader dashboard: gifts by chain": "passed",
    }


def test_what_did_not_change_is_not_judged_again(small: SmallProject, contract: Contract) -> None:
    small.refresh(GIFTS, NAMES)
    small.model("public.more", "/*\ndescription: More.\n*/\nSELECT gift.id FROM public.gifts AS gift")
    small.build()
    assert promised(small, 2, contract) == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "gift.giver, gift.amount FROM",
            "gift.giver, gift.amount::numeric AS amount FROM",
            r"public\.gifts: reader dashboard: columns: 1 of 2 columns: amount is numeric, not real, "
            r"expected what A dashboard was promised",
        ),
        (
            "gift.chain_id, gift.giver, gift.amount FROM",
            "gift.giver, gift.amount, gift.chain_id::text AS chain_id FROM",
            r"public\.gifts: reader dashboard: gifts by chain: operator does not exist: text = integer",
        ),
    ],
)
def test_a_broken_promise_names_reader_relation_and_column(
    old: str, new: str, message: str, small: SmallProject, contract: Contract
) -> None:
    small.refresh(GIFTS, NAMES)
    small.edit("public.gifts", old, new)
    for name in ("public.named_gifts", "views.givers"):
        small.edit(name, "public.gifts AS gift", "landing.gifts AS gift")
    small.edit("public.named_gifts", "with: public.gifts", "with: landing.gifts")
    small.build()
    with pytest.raises(CheckFailed, match=message):
        promised(small, 2, contract)
    with pytest.raises(CheckFailed, match=r"build 2: public\.gifts did not pass reader dashboard"):
        small.publish(2)


def probed(small: SmallProject, contract: Contract, build_id: int) -> str:
    """The statement of the probe of gifts, as it was kept with a build."""
    assert promised(small, build_id, contract)["reader dashboard: gifts by chain"] == "passed"
    with connect() as conn:
        query = "SELECT statement FROM meta.check_result WHERE build_id = %s AND check_name LIKE '%%by chain'"
        [(statement,)] = conn.execute(query, [build_id]).fetchall()
    return str(statement)


def test_a_probe_that_ran_runs_on_the_rows_that_came(
    small: SmallProject, contract: Contract, tmp_path: Path
) -> None:
    small.land(GIFTS, NAMES)
    small.build()
    assert "build_1.gifts AS gift" in probed(small, contract, 1)
    small.publish(1)
    small.grow([(4, 1, "dan", 2.0)])
    small.build()
    assert "build_2.gifts__added AS gift" in probed(small, contract, 2)
    small.publish(2)
    path = tmp_path / "dashboard.yaml"
    path.write_text(CONTRACT.replace("sum(gift", "max(gift"), encoding="utf-8")
    small.grow([(5, 1, "eve", 2.0)])
    small.build()
    assert "build_3.gifts AS gift" in probed(small, read_contract(path), 3)


def test_a_probe_runs_on_all_rows_where_more_than_one_relation_moved(
    small: SmallProject, contract: Contract
) -> None:
    small.land(GIFTS, NAMES)
    small.build()
    probed(small, contract, 1)
    small.publish(1)
    small.grow([(4, 1, "dan", 2.0)])
    small.land(names=[*NAMES, (137, "Polygon")])
    small.build()
    assert "build_2.gifts AS gift" in probed(small, contract, 2)


REFERENCES = "{references: {chain_id: public.chain_names (chain_id)}}"


def test_a_reference_is_judged_when_either_side_changed(small: SmallProject, contract: Contract) -> None:
    checked(small, REFERENCES)
    small.refresh(GIFTS, NAMES)
    small.land(names=NAMES[:1])
    small.build()
    name = r"references chain_id -> public\.chain_names"
    with pytest.raises(
        CheckFailed, match=rf"public\.gifts: {name}: 1 unknown.*\{{'rows': 2, 'chain_id': 10\}}"
    ):
        promised(small, 2, contract)
    given = waiver("references chain_id -> public.chain_names", {"chain_id": 10})
    assert promised(small, 2, contract, given)["references chain_id -> public.chain_names"] == "waived"


def test_waivers_nobody_needs_are_told(
    small: SmallProject, contract: Contract, caplog: pytest.LogCaptureFixture
) -> None:
    small.land(GIFTS, NAMES)
    small.build()
    with caplog.at_level(logging.WARNING):
        promised(small, 1, contract, waiver("min_rows"), waiver("max_fall rows", until=date(2020, 1, 1)))
    assert "waiver matches no failing check of this build: public.gifts: min_rows (by Ann" in caplog.text
    assert "waiver expired: public.gifts: max_fall rows" in caplog.text
