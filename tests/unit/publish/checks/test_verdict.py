"""Verdicts, with and without a waiver."""

from __future__ import annotations

from datetime import date

import pytest

from regendata.models.relation import Relation
from regendata.models.waivers import Waiver
from regendata.publish.checks.partitions import Partitions
from regendata.publish.checks.verdict import Finding, breach, decide, shortened

ROUNDS = Relation("public", "rounds")


def _waiver(*partitions: dict[str, object]) -> Waiver:
    return Waiver(ROUNDS, "max_fall rows", "Ann", "known", date(2030, 1, 1), partitions)


def _judge(bad: set[int]) -> object:
    """Fails while a bad chain is not left out."""

    def judge(left_out: Partitions) -> Finding:
        rest = bad - {one["chain_id"] for one in left_out}
        return Finding(not rest, f"bad: {sorted(rest)}", "none", "SELECT", ({"chain_id": 1},))

    return judge


@pytest.mark.parametrize(
    ("bad", "waiver", "verdict", "figure"),
    [
        (set(), None, "passed", "bad: []"),
        (set(), _waiver(), "passed", "bad: []"),
        ({1}, None, "failed", "bad: [1]"),
        ({1}, _waiver(), "waived", "bad: [1]"),
        ({1}, _waiver({"chain_id": 1}), "waived", "bad: [1]"),
        ({1, 10}, _waiver({"chain_id": 1}), "failed", "bad: [10]"),
        ({1, 10}, _waiver({"chain_id": 1}, {"chain_id": 10}), "waived", "bad: [1, 10]"),
    ],
)
def test_verdict(bad: set[int], waiver: Waiver | None, verdict: str, figure: str) -> None:
    result = decide("max_fall rows", "stop", _judge(bad), waiver)  # type: ignore[arg-type]
    assert (result.verdict, result.finding.figure) == (verdict, figure)
    assert (result.waiver is waiver) is (verdict != "passed" or waiver is None)


@pytest.mark.parametrize(("severity", "stops"), [("stop", True), ("ask", False), ("warn", False)])
def test_only_a_failed_stop_ends_the_run(severity: str, stops: bool) -> None:
    assert decide("x", severity, _judge({1}), None).stops is stops  # type: ignore[arg-type]
    assert not decide("x", severity, _judge(set()), None).stops  # type: ignore[arg-type]


def test_a_breach_is_one_line_with_a_shortened_sample() -> None:
    samples = ({"id": 1, "document": "x" * 5000},)
    judge = lambda left_out: Finding(False, "1 row", "0 rows", "SELECT", samples)  # noqa: E731
    text = breach(ROUNDS, decide("not_null id", "stop", judge, None))
    assert text.startswith(
        "public.rounds: not_null id: 1 row, expected 0 rows, such as {'id': 1, 'document': 'xxx"
    )
    assert len(text) < 400


def test_a_sample_can_be_kept_as_json() -> None:
    sample = shortened({"now": float("nan"), "before": float("inf"), "rows": 3, "id": None})
    assert sample == {"now": "nan", "before": "inf", "rows": 3, "id": None}
