"""Rules about single rows, as SQL."""

from __future__ import annotations

import pytest

from regendata.models.checks import AcceptedValues, Change, Holds, Matches, NotNull, Range, RowRule
from regendata.models.relation import Relation
from regendata.publish.checks.rows import broken, count_statement, expected, samples_statement
from tests.unit.builders import model

PLACE = Relation("build_7", "rounds")

RULES: list[tuple[RowRule, str, str]] = [
    (NotNull("stop", "Chain"), '"Chain" IS NULL', "0 NULL"),
    (AcceptedValues("stop", "role", ("a'b", 3)), "\"role\" NOT IN ('a''b', 3)", "one of a'b, 3"),
    (Range("stop", "usd", 0, 1e7), '("usd" < 0 OR "usd" > 10000000.0)', "from 0 up to 10000000.0"),
    (Range("stop", "at", None, "now"), "(\"at\" > 'now')", "up to now"),
    (Matches("stop", "address", "^0x"), "\"address\" !~ '^0x'", "matching ^0x"),
    (Holds("stop", "a is more than b", "a > b"), "NOT (a > b)", "no row but such that a is more than b"),
]


@pytest.mark.parametrize(("rule", "condition", "words"), RULES, ids=lambda one: getattr(one, "name", None))
def test_rows_that_break_a_rule(rule: RowRule, condition: str, words: str) -> None:
    assert broken(rule).as_string(None) == condition
    assert expected(rule) == words


def test_rules_about_whole_relations_have_no_such_rows() -> None:
    with pytest.raises(TypeError, match="max_fall is not about single rows"):
        broken(Change("stop", "fall", 1))


def test_what_a_waiver_names_is_not_counted() -> None:
    query = count_statement(PLACE, NotNull("stop", "id"), [{"chain_id": 10, "source": None}])
    assert query.as_string(None) == (
        'SELECT count(*) FROM "build_7"."rounds" WHERE "id" IS NULL AND '
        'NOT (("chain_id"::text IS NOT DISTINCT FROM \'10\' AND "source"::text IS NOT DISTINCT FROM NULL))'
    )


@pytest.mark.parametrize(
    ("spec", "columns"),
    [
        (model(unique_key=("id",)), '"id", "usd"'),
        (model(), "*"),
    ],
)
def test_samples_show_key_and_cell(spec: object, columns: str) -> None:
    query = samples_statement(spec, PLACE, Range("stop", "usd", 0, None))  # type: ignore[arg-type]
    assert f"FROM (SELECT {columns} FROM" in query.as_string(None)


def test_samples_of_a_condition_show_the_columns_it_names() -> None:
    spec = model(unique_key=("id",), columns=(("id", ""), ("a", ""), ("b", ""), ("c", "")))
    query = samples_statement(spec, PLACE, Holds("stop", "", "a > coalesce(b, 0)"))
    assert '(SELECT "id", "a", "b" FROM' in query.as_string(None)
