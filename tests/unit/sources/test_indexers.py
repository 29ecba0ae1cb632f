"""Versions and schema names of the indexers."""

from __future__ import annotations

import re

import pytest

from regendata.exceptions import BadSourceAnswer
from regendata.models.relation import Relation
from regendata.sources.indexers import GRANTS_INDEXER, MACI, SOURCES, advertised_version

URL = "indexer_api: GET /version"


@pytest.mark.parametrize(
    ("body", "version"), [("87", "87"), ("100", "100"), (" 88\n", "88"), ("\r\n\t87 \n", "87")]
)
def test_advertised_version(body: str, version: str) -> None:
    assert advertised_version(body, URL) == version


@pytest.mark.parametrize(
    "body",
    [
        "",
        "   ",
        "7",
        "1000",
        "-87",
        "87.0",
        "8 7",
        "v87",
        "٨٧",
        '"87"',
        '{"version": 87}',
        "<html><body>502 Bad Gateway</body></html>",
        "87\n88",
    ],
)
def test_anything_else_is_shown(body: str) -> None:
    with pytest.raises(BadSourceAnswer, match=f"^{URL} answers .* instead of a version number such as 87$"):
        advertised_version(body, URL)


def test_a_long_answer_is_cut() -> None:
    with pytest.raises(BadSourceAnswer) as bad:
        advertised_version("<html>" + "x" * 10_000, URL)
    assert len(str(bad.value)) < 200


def test_version_schemas() -> None:
    schemas = [
        "chain_data_87",
        "chain_data_100",
        "chain_data_9",
        "chain_data_1000",
        "public",
        "chain_data_x1",
    ]
    assert GRANTS_INDEXER.versions([*schemas, "price_data_99", "old_chain_data_99", "chain_data_88_old"]) == [
        100,
        87,
    ]
    assert GRANTS_INDEXER.schema("87") == "chain_data_87"


@pytest.mark.parametrize(
    ("name", "matches"),
    [("chain_data_87", True), ("chain_data_100", True), ("chain_data_9", False), ("xchain_data_87", False)],
)
def test_the_pattern_for_the_server_says_the_same(name: str, matches: bool) -> None:
    assert bool(re.search(GRANTS_INDEXER.schema_pattern, name)) is matches
    assert bool(GRANTS_INDEXER.versions([name])) is matches


def test_what_is_landed() -> None:
    assert GRANTS_INDEXER.landed("rounds") == Relation("landing", "indexer_rounds")
    assert MACI.landed("contributions") == Relation("landing", "maci_contributions")
    assert all(source.progress in source.tables for source in SOURCES.values())
