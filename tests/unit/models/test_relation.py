"""Names of relations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.models.relation import Relation, quoted

PARTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("relation", "text"),
    [
        (Relation("public", "rounds"), "public.rounds"),
        (Relation("public", "cgrantsGrants"), 'public."cgrantsGrants"'),
        (Relation("build_12", "_x9"), "build_12._x9"),
        (Relation("Old Data", "say.it"), '"Old Data"."say.it"'),
        (Relation("public", 'a"b'), 'public."a""b"'),
        (Relation("public", "9lives"), 'public."9lives"'),
        (Relation("public", "line\n"), 'public."line\n"'),
    ],
)
def test_text_form(relation: Relation, text: str) -> None:
    assert str(relation) == text
    assert Relation.parse(text) == relation


@given(PARTS, PARTS)
def test_parse_reads_what_str_writes(schema: str, name: str) -> None:
    relation = Relation(schema, name)
    assert Relation.parse(str(relation)) == relation


@pytest.mark.parametrize(
    "text",
    [
        "rounds",
        "a.b.c",
        "",
        ".",
        "public.",
        ".rounds",
        "public..rounds",
        "public.Rounds",
        'public."rounds"',
        "public.rounds ",
        "public rounds",
        'public."open',
        'public."a"b"',
        "public.rounds; DROP TABLE public.rounds",
    ],
)
def test_parse_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="not a schema-qualified name"):
        Relation.parse(text)


@given(PARTS)
def test_a_quoted_part_cannot_end_early(part: str) -> None:
    text = quoted(part)
    assert text == part or text[1:-1].replace('""', "").count('"') == 0


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("rounds", "rounds"),
        ("AlphaMatching", "alpha_matching"),
        ("cgrantsContributions", "cgrants_contributions"),
        ("allov2_events", "allov2_events"),
        ("ENSNames", "ensnames"),
        ("a.b-c d", "a_b_c_d"),
    ],
)
def test_label_reads_as_part_of_a_task_id(name: str, label: str) -> None:
    assert Relation("public", name).label == label
