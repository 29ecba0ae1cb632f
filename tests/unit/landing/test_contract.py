"""What models need and a source no longer offers."""

from __future__ import annotations

import pytest

from regendata.exceptions import SourceColumnsChanged
from regendata.landing.contract import check_columns
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.sources.catalog import RemoteColumn, RemoteTables
from regendata.sources.indexers import IndexerSource
from tests.unit.builders import model, table

SOURCE = IndexerSource(
    name="indexer", conn_id="indexer_db", tables=("rounds", "donations"), progress="donations", amount="usd"
)
TABLES = (
    table("landing.indexer_rounds", id="TEXT", name="TEXT"),
    table("landing.indexer_donations", id="TEXT", usd="REAL"),
)
MODELS = (
    model("public.rounds", reads=["landing.indexer_rounds"], select="SELECT r.id, r.name FROM ..."),
    model("public.ids", reads=["landing.indexer_rounds"], select="SELECT r.id, r.nickname FROM ..."),
    model("public.donations", reads=["landing.indexer_donations"], select="SELECT d.id, d.usd FROM ..."),
)
PROJECT = Project("grants", {one.relation: one for one in MODELS}, {one.relation: one for one in TABLES})
ROUNDS = (RemoteColumn("id", "text"), RemoteColumn("name", "text"))
DONATIONS = (RemoteColumn("id", "text"), RemoteColumn("usd", "real"))


def test_a_source_that_offers_more_is_fine() -> None:
    more = (*ROUNDS, RemoteColumn("extra", "jsonb"))
    check_columns(SOURCE, PROJECT, {"rounds": more, "donations": DONATIONS, "projects": ()})


@pytest.mark.parametrize(
    ("remote", "found"),
    [
        ({"rounds": ROUNDS[:1], "donations": DONATIONS}, "rounds.name was removed (read by public.rounds)"),
        (
            {"rounds": ROUNDS[1:], "donations": DONATIONS},
            "rounds.id was removed (read by public.rounds, public.ids)",
        ),
        (
            {"rounds": ROUNDS, "donations": (DONATIONS[0], RemoteColumn("usd", "numeric(18,5)"))},
            "donations.usd is now numeric(18,5), was real (read by public.donations)",
        ),
        ({"rounds": ROUNDS}, "table donations was removed (read by public.donations)"),
        (
            {"rounds": ROUNDS[:1]},
            "rounds.name was removed (read by public.rounds); "
            "table donations was removed (read by public.donations)",
        ),
    ],
)
def test_what_is_missing_is_named_with_its_readers(remote: RemoteTables, found: str) -> None:
    with pytest.raises(SourceColumnsChanged) as changed:
        check_columns(SOURCE, PROJECT, remote)
    assert str(changed.value) == f"indexer: {found}; the last good data stays published"


def test_a_column_nobody_names() -> None:
    project = Project("grants", {}, {Relation("landing", "indexer_rounds"): TABLES[0]})
    source = IndexerSource("indexer", "indexer_db", ("rounds",), progress="rounds", amount="x")
    with pytest.raises(SourceColumnsChanged, match=r"rounds\.name was removed \(read by no model\)"):
        check_columns(source, project, {"rounds": ROUNDS[:1]})
