"""Which version of an indexer is served."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.exceptions import ChainLost
from regendata.models.relation import Relation
from regendata.sources.versions import Candidate, ChainScore, choose, score_query

NEWEST = datetime(2024, 10, 22, tzinfo=timezone.utc)


def _candidate(version: str, **chains: tuple[int, float]) -> Candidate:
    """`_candidate("88", c1=(rows, amount), ...)`."""
    scores = (ChainScore(int(chain[1:]), *figures, NEWEST) for chain, figures in chains.items())
    return Candidate(version, tuple(scores))


FULL_87 = _candidate("87", c1=(1000, 500.0), c10=(200, 90.0))


@pytest.mark.parametrize(
    ("newer", "must_have", "chosen"),
    [
        pytest.param(_candidate("88", c1=(1000, 500.0), c10=(200, 90.0)), {1, 10}, "88", id="equal"),
        pytest.param(_candidate("88", c1=(1200, 600.0), c10=(201, 91.0)), {1, 10}, "88", id="ahead"),
        pytest.param(_candidate("88", c1=(500, 250.0), c10=(100, 45.0)), {1, 10}, "87", id="half indexed"),
        pytest.param(_candidate("88", c1=(1500, 700.0), c10=(100, 45.0)), {1, 10}, "87", id="weakest counts"),
        pytest.param(_candidate("88", c1=(1000, 500.0), c10=(200, 9.0)), {1, 10}, "87", id="old rows only"),
        pytest.param(_candidate("88", c1=(1000, 500.0)), {1, 10}, "87", id="lost a served chain"),
        pytest.param(_candidate("88", c1=(1000, 500.0)), {1}, "88", id="lost a chain nobody needs"),
        pytest.param(_candidate("88", c1=(1000, 500.0)), set(), "87", id="first run: all chains count"),
        pytest.param(_candidate("88"), {1, 10}, "87", id="empty"),
        pytest.param(_candidate("88"), set(), "87", id="empty on the first run"),
        pytest.param(
            _candidate("88", c1=(500, 250.0), c10=(100, 45.0), c42161=(10**6, 1e6)),
            {1, 10},
            "87",
            id="a new chain does not hide that the others are half indexed",
        ),
        pytest.param(
            _candidate("88", c1=(1000, 500.0), c10=(200, 90.0), c42161=(3, 1.0)),
            {1, 10},
            "88",
            id="new chain",
        ),
        pytest.param(
            _candidate("88", c1=(300, 150.0), c42=(1, 1.0)),
            set(),
            "87",
            id="first run, each lacks a chain of the other: the more complete on the whole",
        ),
        pytest.param(_candidate("88", c1=(999.5, 500.0), c10=(200, 90.0)), {1, 10}, "88", id="in tolerance"),
        pytest.param(
            _candidate("88", c1=(998, 500.0), c10=(200, 90.0)), {1, 10}, "87", id="out of tolerance"
        ),
    ],
)
def test_choice(newer: Candidate, must_have: set[int], chosen: str) -> None:
    assert choose([newer, FULL_87], must_have, "indexer").version == chosen


def test_amounts_of_zero_are_complete() -> None:
    before_cutoff = [_candidate("88", c1=(10, 0.0)), _candidate("87", c1=(10, 0.0))]
    assert choose(before_cutoff, {1}, "indexer").version == "88"


def test_a_single_candidate_is_taken() -> None:
    assert choose([_candidate("88", c1=(1, 1.0))], {1}, "indexer").version == "88"


def test_no_candidate_has_every_chain() -> None:
    candidates = [_candidate("88", c1=(9, 9.0), c10=(9, 9.0)), _candidate("87", c10=(9, 9.0), c250=(9, 9.0))]
    with pytest.raises(ChainLost) as lost:
        choose(candidates, {1, 10, 250, 8453}, "indexer")
    assert str(lost.value) == (
        "indexer: version 88 has no rows for chain 250, 8453; version 87 has no rows for chain 1, 8453; "
        "the last good data stays published"
    )


def test_the_reason_names_what_was_refused() -> None:
    choice = choose([_candidate("88", c1=(1000, 500.0)), FULL_87], {1, 10}, "indexer")
    assert choice.reason == (
        "version 87 is 100.0% complete on its weakest chain; version 88 refused: has no rows for chain 10"
    )


def test_the_reason_compares_what_was_not() -> None:
    choice = choose([_candidate("88", c1=(1000, 500.0), c10=(50, 90.0)), FULL_87], {1, 10}, "indexer")
    assert choice.reason == "version 87 is 100.0% complete on its weakest chain; version 88 25.0%"


CHAINS = st.dictionaries(
    st.sampled_from([1, 10, 250]), st.tuples(st.integers(0, 50), st.floats(0, 1e6, allow_nan=False))
)


@given(CHAINS, CHAINS, st.sets(st.sampled_from([1, 10, 250])))
def test_never_a_version_that_loses_a_served_chain(
    newer: dict[int, tuple[int, float]], older: dict[int, tuple[int, float]], must_have: set[int]
) -> None:
    candidates = [
        Candidate(version, tuple(ChainScore(chain, *figures, NEWEST) for chain, figures in chains.items()))
        for version, chains in (("88", newer), ("87", older))
    ]
    if must_have <= set(newer) or must_have <= set(older):
        chosen = choose(candidates, must_have, "indexer").version
        assert must_have <= set(newer if chosen == "88" else older)
    else:
        with pytest.raises(ChainLost):
            choose(candidates, must_have, "indexer")


def test_facts_are_json() -> None:
    scores = (ChainScore(1, 5, 2.5, NEWEST), ChainScore(10, 0, 0.0, None))
    assert Candidate("88", scores).facts() == {
        "version": "88",
        "chains": [
            {"chain_id": 1, "rows": 5, "amount": 2.5, "newest": "2024-10-22T00:00:00+00:00"},
            {"chain_id": 10, "rows": 0, "amount": 0.0, "newest": None},
        ],
    }


def test_score_query_leaves_test_networks_out() -> None:
    query = score_query(Relation("chain_data_88", "donations"), "amount_in_usd", {11155111, 5}).as_string(
        None
    )
    assert 'FROM "chain_data_88"."donations" WHERE chain_id <> ALL(' in query
    assert "ARRAY[5,11155111]" in query.replace("'{5,11155111}'", "ARRAY[5,11155111]")
    assert 'sum("amount_in_usd"::double precision) FILTER (WHERE timestamp::timestamptz >= %s' in query
