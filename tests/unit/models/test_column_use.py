"""What breaks when a column goes, from files alone."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from regendata import paths
from regendata.models.column_use import Promise, impact, uses
from regendata.models.contracts import read_contract
from regendata.models.project import read_project
from regendata.models.relation import Relation

ROUNDS = Relation("public", "rounds")
MODELS = {
    "public.rounds": (
        "unique_key: [id]\nindexes: [[chain]]\nchecks: {not_null: [status]}",
        "SELECT l.id, l.chain, l.state AS status FROM landing.rounds AS l",
    ),
    "public.open": ("", "SELECT r.id FROM public.rounds AS r WHERE r.status = 'open'"),
    "public.counted": ("", "SELECT count(*) AS n FROM public.open AS o"),
    "public.chains": ("", "SELECT DISTINCT r.chain FROM public.rounds AS r"),
}
CONTRACT = """
reader: A page
relations:
  public.rounds: {id: text, status: text}
  public.counted: {n: bigint}
probes:
  open: SELECT r.id FROM public.rounds AS r WHERE r.status = 'open'
  ids: SELECT r.id FROM public.rounds AS r
"""


@pytest.mark.parametrize(
    ("select", "column", "used"),
    [
        ("SELECT r.id FROM public.rounds AS r", "id", True),
        ("SELECT r.id FROM public.rounds AS r", "status", False),
        ("SELECT id FROM public.rounds", "id", True),
        ("SELECT rounds.id FROM public.rounds", "id", True),
        ("SELECT r.* FROM public.rounds AS r", "status", True),
        ("SELECT * FROM public.rounds AS r", "status", True),
        ("SELECT count(*) FROM public.rounds AS r", "status", False),
        ("SELECT d.* FROM public.rounds AS r JOIN public.donations AS d ON d.round = r.id", "status", False),
        ("SELECT d.id FROM public.rounds AS r JOIN public.donations AS d ON true", "id", False),
        ("SELECT 1 FROM a.b AS d WHERE EXISTS (SELECT FROM public.rounds AS r WHERE r.id = d.x)", "id", True),
        ("WITH x AS (SELECT r.id AS number FROM public.rounds AS r) SELECT x.number FROM x", "id", True),
        ("WITH rounds AS (SELECT 1 AS id) SELECT rounds.id FROM rounds", "id", False),
        ('SELECT r."Id" FROM public.rounds AS r', "id", False),
        ('SELECT r."Id" FROM public.rounds AS r', "Id", True),
        ("SELECT 'id' AS word FROM public.rounds AS r", "id", False),
        ("SELECT r.id FROM other.rounds AS r", "id", False),
        ("SELECT 1 FROM public.rounds AS r GROUP BY r.id HAVING max(r.status) > 'a'", "status", True),
        ("SELECT n FROM public.rounds AS r, LATERAL (SELECT r.status AS n) AS x", "status", True),
    ],
)  # fmt: skip
def test_uses(select: str, column: str, used: bool) -> None:
    assert uses(select, ROUNDS, column) is used


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    table = tmp_path / "tables" / "landing" / "rounds.sql"
    table.parent.mkdir(parents=True)
    table.write_text(
        "/*\ndescription: Rounds.\n*/\nCREATE TABLE landing.rounds (id text, chain text, state text);\n"
    )
    for name, (header, select) in MODELS.items():
        path = tmp_path / "models" / "public" / f"{name.partition('.')[2]}.sql"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"/*\ndescription: Test.\n{header}\n*/\n{select}\n")
    (tmp_path / "page.yaml").write_text(CONTRACT)
    return tmp_path


def test_impact_names_models_what_follows_readers_and_checks(project_folder: Path) -> None:
    project = read_project("test", project_folder / "models", project_folder / "tables")
    contract = read_contract(project_folder / "page.yaml")
    found = impact([project], [contract], ROUNDS, "status")
    assert [str(name) for name in found.models] == ["public.open"]
    assert [str(name) for name in found.downstream] == ["public.counted"]
    assert found.promises == (Promise("A page", "text", ("open",)),)
    assert found.starved == {"A page": (Relation("public", "counted"),)}
    assert found.checks == ("not_null status",)
    deeper = impact([project], [contract], Relation("landing", "rounds"), "chain")
    assert [str(name) for name in deeper.models] == ["public.rounds"]
    assert {str(name) for name in deeper.downstream} == {"public.open", "public.counted", "public.chains"}
    assert impact([project], [contract], ROUNDS, "chain").checks == ("index (chain)",)
    assert impact([project], [contract], ROUNDS, "nothing").promises == ()


@pytest.fixture(scope="module")
def command() -> ModuleType:
    spec = importlib.util.spec_from_file_location("readers", paths.REPOSITORY / "tools" / "readers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_command_says_who_breaks(command: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["public.donations.amount_in_usd"]) == 1
    told = capsys.readouterr().out
    assert "QF calculator (real)" in told
    assert "Open Source Observer: public.all_donations" in told
    assert "experimental_views.allo_gmv_leaderboard\n" in told


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "say which column"),
        ("donations", "say which column"),
        ("public.donations.nothing", "has no column 'nothing'; it has id, chain_id"),
        ("public.nowhere.id", "it has no file"),
    ],
)
def test_the_command_refuses_what_does_not_exist(
    command: ModuleType, capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    assert command.main([name]) == 2
    assert message in capsys.readouterr().err
