"""Pages fill the forms of DAGs by the names of their fields, with values the fields take."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest

from regendata.api.pages import coverage_maps
from regendata.api.pages.coverage import FILLED_BY
from regendata.operators import rollback

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

DAYS = [date(2026, 5, 1) + timedelta(days=number) for number in range(3)]
RELAY_GAP = coverage_maps._fill_relay("/run/mev_boost_backload", DAYS, "flashbots", "bids")(0, 1)
HOUR_GAP = coverage_maps._fill_hours("/run/token_metrics_hourly", 1_780_000_000 // 3600 * 3600)(0, 5)


def test_every_form_belongs_to_a_dag(dag_bag: DagBag) -> None:
    assert set(FILLED_BY.values()) <= set(dag_bag.dags)
    assert {rollback.SYSTEM, rollback.BUILD_ID} <= set(dag_bag.dags["rollback"].params)


@pytest.mark.parametrize("href", [RELAY_GAP, HOUR_GAP])
def test_a_gap_fills_fields_that_there_are(dag_bag: DagBag, href: str) -> None:
    address = urlsplit(href)
    params = dag_bag.dags[address.path.rsplit("/", 1)[-1]].params
    filled = dict(parse_qsl(address.query))
    assert filled
    assert set(filled) <= set(params)
    for name in ("from", "until"):
        if name in filled:
            assert params.get_param(name).resolve(filled[name]) == filled[name]
