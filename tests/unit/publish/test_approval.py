"""Answers, and the page on which they are given."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from regendata.publish.approval import Answer, Question, read_answer
from regendata.publish.approval_page import Page

UNTIL = datetime(2026, 1, 2, 3, 4, tzinfo=timezone.utc)
ANN = {"id": "1", "name": "ann"}


@pytest.mark.parametrize(
    ("event", "answer", "summary"),
    [
        (
            {"chosen_options": ["Approve"], "params_input": {"why": " mended "}, "responded_by_user": ANN},
            Answer(True, "ann", "mended"),
            "approved by ann: mended",
        ),
        (
            {"chosen_options": ["Reject"], "params_input": {}, "responded_by_user": ANN},
            Answer(False, "ann"),
            "rejected by ann: no reason given",
        ),
        (
            {"chosen_options": ["Reject"], "params_input": {"why": None}, "responded_by_user": None},
            Answer(False, None),
            "rejected: nobody answered in time",
        ),
        (
            {"chosen_options": ["Approve"], "responded_by_user": None},
            Answer(False, None),
            "rejected: nobody answered in time",
        ),
    ],
)
def test_an_answer_needs_somebody_who_gave_it(event: dict[str, Any], answer: Answer, summary: str) -> None:
    assert read_answer(event) == answer
    assert answer.summary == summary


def diff(relation: str, **found: Any) -> dict[str, Any]:
    nothing = {"added": 0, "removed": 0, "changed": 0, "columns": [], "shape": {}, "partitions": []}
    return {"relation": relation, **nothing, "samples": [], "reason": None, "compared_share": 1, **found}


def page(questions: list[Question], diffs: list[dict[str, Any]], in_use: int | None = 6) -> str:
    return Page("grants", 7, in_use, questions, diffs, UNTIL).body


def test_it_says_what_an_answer_does_and_until_when() -> None:
    body = page([Question("public.rounds", "max_fall rows", "2 after 9", "at most 5 % less")], [])
    assert "no answer until 2026-01-02 03:04 UTC, keeps build 6 in use" in body
    assert "| public.rounds | max\\_fall rows | 2 after 9 | at most 5 % less |" in body
    assert "keeps nothing in use" in page([], [], in_use=None)


def test_what_fell_by_chain_and_round_stands_for_relations_that_are_asked_about() -> None:
    moved = {"added": 0, "removed": 1_200, "changed": 3, "amount_usd": -5_000.5}
    parts = [{"chain_id": 10, "round_id": "0x1", **moved}]
    columns = [{"column": "amount", "rows": 3}]
    asked = diff("public.donations", removed=1_200, changed=3, columns=columns, partitions=parts)
    body = page(
        [Question("public.donations", "rows", "1", "2")], [asked, diff("public.rounds", partitions=parts)]
    )
    assert "| public.donations | 0 | 1,200 | 3 | amount (3) |  |" in body
    assert "#### public.donations by chain\\_id and round\\_id" in body
    assert "| 10 | 0x1 | 0 | 1,200 | 3 | -5,000.50 |" in body
    assert "#### public.rounds by" not in body


def test_names_that_people_chose_are_no_markup() -> None:
    sample = {"kind": "added", "before": None, "after": {"title": "`rm` | <b>x</b>"}}
    body = page([Question("public.rounds", "a|b", "<i>", "*")], [diff("public.rounds", samples=[sample])])
    assert "| public.rounds | a\\|b | \\<i\\> | \\* |" in body
    assert '- added: `{"title": "\'rm\' | <b>x</b>"}`' in body


def test_changed_columns_and_rows_that_were_not_compared_are_told() -> None:
    renamed = diff("public.x", shape={"renamed": ["a to b"]}, added=None, reason="not compared: slow")
    assert "| public.x |  | 0 | 0 |  | renamed a to b; not compared: slow |" in page([], [renamed])


def test_what_is_estimated_says_so() -> None:
    guessed = diff("public.x", changed=1_000, compared_share=0.125)
    assert "| public.x | 0 | 0 | 1,000 |  | estimated from 12.5% of the rows that may differ |" in page(
        [], [guessed]
    )
