"""The leaderboard adds up what the events say, window by window."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.postgres.models import rows
from tests.postgres.models.model_warehouse import ModelWarehouse

pytestmark = pytest.mark.postgres
VIEW = "experimental_views.allo_gmv_leaderboard"
FIRST = datetime(2021, 1, 1, tzinfo=timezone.utc)


def line(models: ModelWarehouse, window: str, role: str = "grantee") -> list[tuple[Any, ...]]:
    """Rank, address, volume and events of one window, best first."""
    found = [row for row in models.build(VIEW) if (row["time_window"], row["role"]) == (window, role)]
    return [
        (row["rank"], row["address"], row["gmv"], row["events"])
        for row in sorted(found, key=lambda row: row["rank"])
    ]


def event(models: ModelWarehouse, address: str, gmv: float, at: str, **given: Any) -> None:
    models.insert(
        "landing.dune_allo_v2_distribution_events",
        rows.dune_event(address=address, gmv=gmv, tx_timestamp=at, tx_hash=f"0x{at}{gmv}", **given),
    )


def test_windows_end_with_the_newest_event(models: ModelWarehouse) -> None:
    event(models, rows.OP_A, 100.0, "2024-12-31 12:00:00+00")
    event(models, rows.OP_A, 7.0, "2023-01-05 00:00:00+00")
    event(models, rows.OP_B, 50.0, "2024-12-20 12:00:00+00")
    event(models, rows.OP_B, 60.0, "2024-10-10 12:00:00+00")
    assert line(models, "all") == [(1, rows.OP_B, 110.0, 2), (2, rows.OP_A, 107.0, 2)]
    assert line(models, "2024") == [(1, rows.OP_B, 110.0, 2), (2, rows.OP_A, 100.0, 1)]
    assert line(models, "2023") == [(1, rows.OP_A, 7.0, 1)]
    assert line(models, "last_30_days") == [(1, rows.OP_A, 100.0, 1), (2, rows.OP_B, 50.0, 1)]
    assert line(models, "last_90_days") == [(1, rows.OP_B, 110.0, 2), (2, rows.OP_A, 100.0, 1)]
    assert line(models, "last_365_days") == line(models, "2024")


def test_every_role_is_ranked_by_itself(models: ModelWarehouse) -> None:
    for role in ("donor", "grantee", "round_operator", "contract_dev"):
        event(models, rows.OP_A, 30.0, "2024-05-05 12:00:00+00", role=role)
        event(models, rows.OP_B, 40.0, "2024-05-05 12:00:00+00", role=role)
    for role in ("donor", "grantee", "round_operator", "contract_dev"):
        for window in ("all", "2024", "last_30_days"):
            assert line(models, window, role) == [(1, rows.OP_B, 40.0, 1), (2, rows.OP_A, 30.0, 1)]


def test_years_begin_at_midnight_utc(models: ModelWarehouse) -> None:
    event(models, rows.OP_A, 5.0, "2023-12-31 23:59:59+00")
    event(models, rows.OP_A, 6.0, "2024-01-01 00:00:00+00")
    assert line(models, "2023") == [(1, rows.OP_A, 5.0, 1)]
    assert line(models, "2024") == [(1, rows.OP_A, 6.0, 1)]


def test_a_name_and_both_ends_stand_beside_the_volume(models: ModelWarehouse) -> None:
    models.insert("landing.ens_names", {"address": rows.OP_A.upper().replace("X", "x"), "name": "op.eth"})
    event(models, rows.OP_A, 5.0, "2023-12-31 23:59:59+00")
    event(models, rows.OP_A, 6.0, "2024-06-01 00:00:00+00")
    [row] = [row for row in models.build(VIEW) if row["time_window"] == "all"]
    assert row["name"] == "op.eth"
    assert (row["first_at"].year, row["last_at"].year) == (2023, 2024)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 10**6), st.integers(0, 1_200)),
        min_size=1,
        max_size=25,
    )
)
def test_every_window_adds_up_the_events_within_it(
    models: ModelWarehouse, events: list[tuple[str, int, int]]
) -> None:
    with models.forgotten():
        models.insert(
            "landing.dune_allo_v2_distribution_events",
            *(
                rows.dune_event(
                    address="0x" + letter * 40,
                    gmv=float(usd),
                    tx_hash=f"0x{place}",
                    tx_timestamp=str(FIRST + timedelta(days=day)),
                )
                for place, (letter, usd, day) in enumerate(events)
            ),
        )
        built = models.build(VIEW)
        last = max(day for _, _, day in events)
        for window, days in (
            ("last_30_days", 30),
            ("last_90_days", 90),
            ("last_365_days", 365),
            ("all", 10**6),
        ):
            wanted: dict[str, int] = {}
            for letter, usd, day in events:
                if day > last - days:
                    wanted["0x" + letter * 40] = wanted.get("0x" + letter * 40, 0) + usd
            found = {row["address"]: row["gmv"] for row in built if row["time_window"] == window}
            assert found == wanted
            ranks = [row["rank"] for row in built if row["time_window"] == window]
            assert sorted(ranks) == list(range(1, len(wanted) + 1))
