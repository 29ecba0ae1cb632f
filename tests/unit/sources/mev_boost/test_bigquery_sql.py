"""Statements for BigQuery: one MERGE that touches the hours it is about, and nothing else."""

from __future__ import annotations

from datetime import date, datetime, timezone

from regendata.sources.mev_boost.bigquery_sql import count_undated, replace_hours
from regendata.sources.mev_boost.objects import Unit

UNITS = [Unit("payloads", "flashbots", 475_746), Unit("payloads", "it's", 475_752)]
SLICES = """stored.day IN UNNEST(@days) AND (
  (stored.relay = @relay_0 AND stored.slot >= 8821799 AND stored.slot < 8822099)
  OR (stored.relay = @relay_1 AND stored.slot >= 8823599 AND stored.slot < 8823899)
)"""


def test_hours_are_replaced_in_one_statement() -> None:
    found = replace_hours("p.d.payloads", "p.d.staged", "b.c.blocks", UNITS)
    assert found.sql.startswith("MERGE `p.d.payloads` AS stored\nUSING (")
    assert f"WHEN NOT MATCHED BY SOURCE AND {SLICES} THEN\n  DELETE\n" in found.sql
    assert "FROM `p.d.staged` AS staged\n  LEFT JOIN `b.c.blocks` AS block" in found.sql
    assert "block.hash != staged.block_hash AS reorged" in found.sql
    columns = found.sql.split("INSERT (")[1].split(")")[0].split(", ")
    values = found.sql.split("VALUES (")[1].split(")")[0].split(", ")
    assert (columns[0], columns[-1]) == ("day", "reorged")
    assert values == [f"fetched.{name}" for name in columns]


def test_relays_and_times_are_parameters() -> None:
    found = replace_hours("p.d.payloads", "p.d.staged", "b.c.blocks", UNITS)
    assert "it's" not in found.sql
    assert dict(found.parameters) == {
        "relay_0": "flashbots",
        "relay_1": "it's",
        "days": (date(2024, 4, 9), date(2024, 4, 10)),
        "blocks_from": datetime(2024, 4, 9, 17, tzinfo=timezone.utc),
        "blocks_until": datetime(2024, 4, 10, 2, tzinfo=timezone.utc),
    }


def test_bids_have_no_flag() -> None:
    bids = [Unit("bids", "flashbots", 475_746)]
    assert "reorged" not in replace_hours("p.d.bids", "p.d.staged", "b.c.blocks", bids).sql


def test_waiting_rows_are_counted_in_the_same_hours() -> None:
    found = count_undated("p.d.payloads", UNITS)
    assert f"WHERE {SLICES}\n" in found.sql
    assert set(found.parameters) == {"relay_0", "relay_1", "days"}
