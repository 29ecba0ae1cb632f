"""Both ways of grouping, at a size at which their seconds mean nothing."""

from __future__ import annotations

import pytest

from bench.grouping import made_up, measured_obvious, measured_triples
from regendata.sources.project_groups.cleaning import clean_table


@pytest.mark.parametrize(("projects", "shared"), [(300, 0), (300, 150), (1, 1)])
def test_both_ways_find_the_same_groups(projects: int, shared: int) -> None:
    rows = clean_table(made_up(projects, shared))
    obvious, triples = measured_obvious(rows), measured_triples(rows)
    assert obvious["digest"] == triples["digest"]
    assert obvious["groups"] == triples["groups"]
    assert (triples["groups"] < projects) == (projects > 1)


def test_groups_that_differ_have_another_digest() -> None:
    few, many = (measured_triples(clean_table(made_up(300, shared)))["digest"] for shared in (0, 280))
    assert few != many


def test_what_people_left_in_the_form_is_found_out() -> None:
    assert measured_triples(clean_table(made_up(300, 150)))["placeholders"] == 2
    assert measured_triples(clean_table(made_up(300, 0)))["placeholders"] == 0
