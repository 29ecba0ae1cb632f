"""Verdicts about a relation before readers see it."""

from __future__ import annotations

import pytest

from regendata.models.relation import Relation
from regendata.models.spec import Checks
from regendata.publish.checks import CheckResult, Totals, evaluate
from tests.unit.builders import model

PLACE = Relation("build_7", "rounds")


def _judged(checks: Checks, totals: Totals, published: Totals | None = None) -> dict[str, CheckResult]:
    return {one.name: one for one in evaluate(model(checks=checks), PLACE, "SELECT ...", totals, published)}


@pytest.mark.parametrize(
    ("rows", "least", "passed"), [(0, 0, True), (0, 1, False), (1, 1, True), (9, 10, False)]
)
def test_min_rows(rows: int, least: int, passed: bool) -> None:
    result = _judged(Checks(min_rows=least), Totals(rows, None))["min_rows"]
    assert (result.passed, result.figure, result.expected) == (passed, str(rows), f"at least {least}")
    assert result.statement == "SELECT ..."


def test_each_column_that_must_not_be_null_is_a_check_of_its_own() -> None:
    results = _judged(Checks(not_null=("id", "Chain")), Totals(5, None, nulls=(0, 2)))
    assert results["not_null id"].passed
    failed = results["not_null Chain"]
    assert (failed.passed, failed.figure, failed.expected) == (False, "2 NULL", "0 NULL")
    assert failed.samples is not None
    assert failed.samples.as_string(None) == (
        'SELECT * FROM "build_7"."rounds" WHERE "Chain" IS NULL LIMIT 5'
    )


def test_figures_that_do_not_fit_the_columns_are_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        _judged(Checks(not_null=("id", "chain_id")), Totals(5, None, nulls=(0,)))


@pytest.mark.parametrize(
    ("now", "before", "limit", "passed"),
    [
        (100, 100, 0.0, True),
        (101, 100, 0.0, True),
        (99, 100, 1.0, True),
        (989, 1000, 1.0, False),
        (0, 100, 100.0, True),
        (0, 100, 99.9, False),
        (5, 0, 0.0, True),
        (0, 0, 0.0, True),
    ],
)
def test_fall_of_rows(now: int, before: int, limit: float, passed: bool) -> None:
    results = _judged(Checks(max_fall_pct=limit), Totals(now, None), Totals(before, None))
    assert results["max_fall rows"].passed is passed
    assert "max_fall usd" not in results


@pytest.mark.parametrize(
    ("now", "before", "passed"), [(99.5, 100.0, True), (98.0, 100.0, False), (-5.0, 0.0, True)]
)
def test_fall_of_usd(now: float, before: float, passed: bool) -> None:
    results = _judged(Checks(max_fall_pct=1), Totals(10, now), Totals(10, before))
    assert results["max_fall usd"].passed is passed
    assert results["max_fall rows"].passed


def test_a_fall_says_its_figures() -> None:
    result = _judged(Checks(max_fall_pct=2.5), Totals(900, None), Totals(1200, None))["max_fall rows"]
    assert result.figure == "900.00 after 1,200.00 published: 25.00 % less"
    assert result.expected == "at most 2.5 % less"


@pytest.mark.parametrize(
    ("checks", "published"), [(Checks(max_fall_pct=1), None), (Checks(), Totals(9, 9.0))]
)
def test_no_fall_without_a_limit_or_a_past(checks: Checks, published: Totals | None) -> None:
    assert set(_judged(checks, Totals(1, 1.0), published)) == {"min_rows"}


def test_amounts_that_come_or_go_are_not_compared() -> None:
    checks = Checks(max_fall_pct=1)
    assert "max_fall usd" not in _judged(checks, Totals(1, None), Totals(1, 5.0))
    assert "max_fall usd" not in _judged(checks, Totals(1, 5.0), Totals(1, None))


def test_the_unique_key_is_listed() -> None:
    results = evaluate(model(unique_key=("id", "chain_id")), PLACE, "", Totals(1, None), None)
    assert [(one.name, one.passed) for one in results] == [("unique id, chain_id", True), ("min_rows", True)]
