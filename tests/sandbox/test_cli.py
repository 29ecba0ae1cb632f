"""The command line, each command as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox import chaos_db, postgres
from sandbox.__main__ import main, parser
from sandbox.bootstrap import TWEETS
from sandbox.generator.tweets import top_up
from sandbox.layout import REPOSITORY, ROOT_VARIABLE, Sandbox
from sandbox.processes import names
from sandbox.temporary import temporary_sandbox

# Stands in for the generator, which has its own tests.
GENERATOR = """
import json
import psycopg

def top_up(dsn):
    pass

def is_seeded(sandbox, scale, data):
    return (sandbox.archives / "SHA256SUMS").exists()

def seed(sandbox, scale, data):
    print("seeding", scale, data)
    for name in ("indexer", "maci"):
        with psycopg.connect(sandbox.dsn(name)) as connection:
            connection.execute("CREATE SCHEMA chain_data_87")
            connection.execute("CREATE TABLE chain_data_87.rounds AS SELECT 'r' AS id, 10 AS chain_id")
    (sandbox.archives / "SHA256SUMS").write_text("none")
    (sandbox.upstreams / "dune_4118421.json").write_text(json.dumps({"rows": []}))
"""
RUNNER = """
import sys
sys.modules["sandbox.generator"] = __import__("stub")
from sandbox.__main__ import main
sys.exit(main())
"""
SERVERS = ("postgres", "spaces", "upstreams", "public_api")


class CommandLine:
    """`python -m sandbox` on one sandbox, in processes of its own."""

    def __init__(self, sandbox: Sandbox, stub: Path) -> None:
        self.sandbox = sandbox
        path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "plugins"), str(stub)])
        self.env = {**os.environ, "PYTHONPATH": path, ROOT_VARIABLE: str(sandbox.root)}

    def __call__(self, *arguments: str) -> str:
        command = [sys.executable, "-c", RUNNER, *arguments]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """A sandbox that is up."""
    stub = tmp_path_factory.mktemp("stub")
    (stub / "stub.py").write_text(GENERATOR)
    with temporary_sandbox() as sandbox:
        command = CommandLine(sandbox, stub)
        assert "seeding 70 None" in command("up", "--scale", "70")
        yield command


def states(output: str) -> dict[str, str]:
    """Server -> up or down, from the printed table."""
    table = [line.split() for line in output.splitlines() if line.split()[1:2] in (["up"], ["down"])]
    return {line[0]: line[1] for line in table}


@pytest.mark.postgres
def test_everything_is_up_and_the_second_up_seeds_nothing(up: CommandLine) -> None:
    before = names(up.sandbox), postgres.postmaster(up.sandbox)
    output = up("up")
    assert states(output) == dict.fromkeys(SERVERS, "up")
    assert "seeding" not in output
    assert (names(up.sandbox), postgres.postmaster(up.sandbox)) == before


@pytest.mark.postgres
def test_new_version_is_made_and_advertised(up: CommandLine) -> None:
    ordered = json.loads(up("chaos", "indexer-db", "--new-version", "89"))
    assert chaos_db.newest(up.sandbox.dsn("indexer")) == 89
    assert ordered["settings"] == {"indexer": {"version": "89"}}
    assert json.loads(up("chaos", "reset"))["settings"] == {}


@pytest.mark.postgres
def test_columns_change_on_order(up: CommandLine) -> None:
    change = ["--add-column", "rounds.memo=text", "--retype-column", "rounds.id=varchar(9)"]
    up("chaos", "maci-db", *change)
    up("chaos", "maci-db", "--drop-column", "rounds.chain_id")
    with psycopg.connect(up.sandbox.dsn("maci")) as connection:
        found = chaos_db.columns(connection, "chain_data_87", "rounds")
    assert found == {"id": "character varying(9)", "memo": "text"}


@pytest.mark.postgres
def test_reset_opens_a_closed_database(up: CommandLine) -> None:
    up("chaos", "indexer-db", "--down")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(up.sandbox.dsn("indexer"))
    up("chaos", "reset")
    psycopg.connect(up.sandbox.dsn("indexer")).close()


@pytest.mark.postgres
def test_tweet_counts_come_late_and_from_the_future(up: CommandLine) -> None:
    dsn = up.sandbox.dsn(TWEETS)
    top_up(dsn)
    spread = 'SELECT count(DISTINCT "timestamp"), max("timestamp") FROM tweetvolumeshours'
    with psycopg.connect(dsn, autocommit=True) as connection:
        hours, newest = connection.execute(spread).fetchone() or (0, 0)
        up("chaos", "tokens-db", "--late", "3000", "--skew", "5")
        assert connection.execute(spread).fetchone() == (hours + 2, newest + 5 * 3600)
    up("chaos", "tokens-db", "--down")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
    up("chaos", "reset")
    psycopg.connect(dsn).close()


@pytest.mark.postgres
def test_trouble_on_the_wire_is_listed_until_reset(up: CommandLine) -> None:
    up("chaos", "dune", "--status", "429", "--retry-after", "2", "--times", "3", "--age-hours", "100")
    listed = json.loads(up("chaos", "list"))
    assert listed["settings"] == {"dune": {"age_hours": 100.0}}
    (trouble,) = listed["troubles"]
    assert (trouble["upstream"], trouble["status"], trouble["retry_after"], trouble["times"]) == (
        "dune",
        429,
        2,
        3,
    )
    assert json.loads(up("chaos", "reset")) == {"troubles": [], "settings": {}}


@pytest.mark.postgres
def test_down_stops_everything_and_up_keeps_the_data(up: CommandLine) -> None:
    address = up.sandbox.env_file.read_text()
    assert states(up("down")) == dict.fromkeys(SERVERS, "down")
    assert states(up("status"))["postgres"] == "down"
    assert "seeding" not in up("up")
    assert up.sandbox.env_file.read_text() == address
    assert 87 in chaos_db.versions(up.sandbox.dsn("indexer"))


def test_clean_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = Sandbox(tmp_path / "sandbox")
    monkeypatch.setenv(ROOT_VARIABLE, str(sandbox.root))
    sandbox.make_folders()
    sandbox.port("postgres")
    assert main(["clean"]) == 0
    assert not sandbox.root.exists()


def test_folder_of_somebody_else_is_neither_filled_nor_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.tex").touch()
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    assert main(["up"]) == 1
    assert "is not empty and no sandbox" in capsys.readouterr().err
    assert main(["clean"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_status_of_no_sandbox_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path / "none"))
    assert main(["status"]) == 0
    assert "make sandbox" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chaos", "dune"], "say which trouble"),
        (["chaos", "indexer-db"], "say which trouble"),
        (["chaos", "mev-db", "--down"], "no source database mev; known: indexer, maci"),
        (["chaos", "maci-db", "--drop-column", "amount"], "amount is not TABLE.COLUMN"),
        (["chaos", "maci-db", "--add-column", "rounds.memo"], "rounds.memo is not TABLE.COLUMN=TYPE"),
        (["chaos", "dune", "--status", "500"], "`make sandbox` starts them"),
        (["chaos", "maci-db", "--down"], "Connection refused"),
    ],
)
def test_mistakes_are_told_without_a_traceback(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("sandbox: ")
    assert "Traceback" not in error


@pytest.mark.parametrize(
    "arguments", [["up", "--scale", "0"], ["up", "--data", "/no/such"], ["sideways"], []]
)
def test_senseless_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(arguments)


def test_demo_takes_what_make_passes(tmp_path: Path) -> None:
    given = ["demo", "--once", "--data", str(tmp_path), "--dags", "one two", "--scale", "9"]
    args = parser().parse_args(given)
    assert (args.once, args.data, args.dags, args.scale) == (True, tmp_path, ["one", "two"], 9)
