"""Table files: one CREATE TABLE of the name the path says."""

from __future__ import annotations

from pathlib import Path

import pytest

from regendata.exceptions import ModelFileError
from regendata.models.relation import Relation
from regendata.models.tables import CheckConstraint, load_tables, read_table
from tests.unit.builders import write_table


def _file(tmp_path: Path, body: str, name: str = "rounds") -> Path:
    path = tmp_path / "public" / f"{name}.sql"
    path.parent.mkdir()
    path.write_text(f"/* description: Rounds. */\n{body}", encoding="utf-8")
    return path


def test_columns_in_order(tmp_path: Path) -> None:
    body = (
        "CREATE TABLE public.rounds (\n"
        '  id text NOT NULL, "amountUSD" double precision DEFAULT 0, amount numeric(78, 0),\n'
        "  tags text[], created_at timestamptz(3),\n"
        "  PRIMARY KEY (id), CHECK (amount >= 0)\n)"
    )
    table = read_table(_file(tmp_path, body + ";\n"))
    assert table.relation == Relation("public", "rounds")
    assert table.description == "Rounds."
    assert table.column_names == ("id", "amountUSD", "amount", "tags", "created_at")
    assert [column.type for column in table.columns] == [
        "TEXT",
        "DOUBLE PRECISION",
        "DECIMAL(78, 0)",
        "TEXT[]",
        "TIMESTAMPTZ(3)",
    ]
    assert table.columns[0].definition == "id TEXT NOT NULL"
    assert table.body == body


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("CREATE TABLE public.other (id int)", r"creates public\.other, but the path says public\.rounds"),
        ("CREATE TABLE landing.rounds (id int)", r"creates landing\.rounds, but the path says"),
        ('CREATE TABLE public."Rounds" (id int)', r'creates public\."Rounds", but the path says'),
        ("CREATE TABLE rounds (id int)", "name the table with its schema"),
        ("SELECT 1", "holds exactly one CREATE TABLE"),
        ("", "holds exactly one CREATE TABLE"),
        ("CREATE TABLE public.rounds AS SELECT 1 AS id", "holds exactly one CREATE TABLE"),
        ("CREATE VIEW public.rounds (id) AS SELECT 1", "holds exactly one CREATE TABLE"),
        ("CREATE TABLE public.rounds (id int);\nDROP TABLE public.rounds", "holds exactly one CREATE TABLE"),
        ("CREATE TABLE public.rounds (id int", "not readable as SQL"),
    ],
)
def test_refused(tmp_path: Path, body: str, message: str) -> None:
    path = _file(tmp_path, body)
    with pytest.raises(ModelFileError, match=message) as refused:
        read_table(path)
    assert str(refused.value).startswith(f"{path}:")


def test_names_are_what_postgres_makes_of_them(tmp_path: Path) -> None:
    """Without quotes the table would be `cgrantsgrants`, and no reader would find it."""
    path = _file(tmp_path, "CREATE TABLE public.cgrantsGrants (Id int)", name="cgrantsGrants")
    with pytest.raises(
        ModelFileError, match=r'creates public\.cgrantsgrants, but .* public\."cgrantsGrants"'
    ):
        read_table(path)


def test_column_names_are_what_postgres_makes_of_them(tmp_path: Path) -> None:
    path = _file(tmp_path, 'CREATE TABLE public.rounds (amountUSD int, "amountUSD" int)')
    assert read_table(path).column_names == ("amountusd", "amountUSD")


def test_all_files_of_a_folder(tmp_path: Path) -> None:
    for name in ("public.a", "landing.a", 'public."B"'):
        write_table(tmp_path, name)
    (tmp_path / "README.sql").write_text("not in a schema's folder")
    assert {str(relation) for relation in load_tables(tmp_path)} == {"public.a", "landing.a", 'public."B"'}


def test_check_constraints_have_the_names_postgres_gives_them(tmp_path: Path) -> None:
    body = "CREATE TABLE public.rounds (id int NOT NULL, state text CHECK (state IN ('open', 'shut')))"
    [constraint] = read_table(_file(tmp_path, body)).constraints
    assert constraint == CheckConstraint("rounds_state_check", "state IN ('open', 'shut')")


def test_columns_are_described_in_the_header(tmp_path: Path) -> None:
    header = '/*\ndescription: Gifts.\ncolumns: {id: "Number of the gift."}\n*/\n'
    text = f"{header}CREATE TABLE public.gifts (id int, usd int);\n"
    path = tmp_path / "public" / "gifts.sql"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    assert read_table(path).descriptions == (("id", "Number of the gift."),)
    path.write_text(text.replace("{id:", "{number:"), encoding="utf-8")
    with pytest.raises(ModelFileError, match="unknown column 'number'; known: id, usd"):
        read_table(path)
