"""Which columns a model has, and what each is."""

from __future__ import annotations

from regendata.models.dictionary import columns_of, described
from regendata.models.project import load_project
from regendata.models.relation import Relation


def test_a_star_stands_for_the_columns_of_the_relation_with_their_descriptions() -> None:
    project = load_project("token_metrics")
    stats, trending = (Relation("token_metrics", name) for name in ("token_stats", "trending"))
    assert columns_of(project, trending) == (*columns_of(project, stats), "rank")
    assert columns_of(project, Relation("token_metrics", "descreasing")) == columns_of(project, trending)
    told = described(project, trending)
    assert told["price_age_s"] == described(project, stats)["price_age_s"] != ""
    assert told["rank"] == "1 is first; equals go by tweets, then by name."
