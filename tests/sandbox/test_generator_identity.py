"""Draws and addresses repeat, and shares add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.generator.identity import address, digest, draw, mixed_case, pick, shares, zipf_weights


def test_a_digest_is_the_sha256_of_its_key() -> None:
    assert digest("account", 7) == "f1c932ba8c43e41edeeb14f4bed26f1e97d345e547a394abbe5c01c6153024aa"


@given(st.integers(0, 10**9))
def test_mixed_case_changes_case_only(number: int) -> None:
    lower = address("recipient", number)
    mixed = mixed_case(lower)
    assert mixed.lower() == lower
    assert mixed.startswith("0x")


def test_most_addresses_really_are_mixed() -> None:
    assert all(mixed_case(a) not in (a, "0x" + a[2:].upper()) for a in (address("x", n) for n in range(50)))


@given(st.integers(0, 10**7), st.lists(st.floats(0.001, 1000), min_size=1, max_size=60))
def test_shares_add_up_to_the_total(total: int, weights: list[float]) -> None:
    parts = shares(total, weights)
    assert sum(parts) == total
    assert all(abs(part - total * w / sum(weights)) <= 1 for part, w in zip(parts, weights, strict=True))


def test_nothing_is_dealt_to_weightless_places() -> None:
    assert shares(5, [0.0, 1.0, 0.0]) == [0, 5, 0]
    assert shares(5, [0.0, 0.0]) == [0, 0]


@pytest.mark.parametrize(("halves", "first"), [(2, 1.0), (1, 1.0)])
def test_zipf_weights_deal_each_rank_once(halves: int, first: float) -> None:
    weights = sorted(zipf_weights(4, halves, "any"), reverse=True)
    assert weights == pytest.approx([first / rank ** (halves / 2) for rank in (1, 2, 3, 4)])


def test_draws_are_even_and_repeat() -> None:
    draws = [draw("even", n) for n in range(2_000)]
    assert draws == [draw("even", n) for n in range(2_000)]
    assert all(0 <= d < 1 for d in draws)
    assert sum(draws) / len(draws) == pytest.approx(0.5, abs=0.03)
    assert {pick("abc", "letter", n) for n in range(50)} == set("abc")
