"""Passport's files from Spaces into the warehouse: when their ETag changes, judged before the switch."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from regendata import settings
from regendata.exceptions import BadSourceAnswer, ContentRefused, SourceUnavailable
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.landing import passport as landing
from regendata.models.project import load_project
from regendata.sources.passport import SCORES, STAMPS, JsonFile
from sandbox import env, objects
from sandbox.generator import passport as generated
from tests.conftest import Spaces
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
ACCOUNTS = 200
SCORE_TABLE, STAMP_TABLE = "landing.passport_model_scores", "landing.passport_stamps"
Land = Callable[[JsonFile], dict[str, Any]]


@pytest.fixture
def files(spaces: Spaces, tmp_path: Path) -> Path:
    """A folder with both generated files, not yet uploaded."""
    folder = tmp_path / "passport"
    generated.write_passport(folder, ACCOUNTS)
    return folder


@pytest.fixture
def upload(spaces: Spaces, files: Path) -> Callable[[], object]:
    """Upload what changed in the folder."""
    return lambda: spaces.upload(files, objects.PASSPORT_PREFIX)


@pytest.fixture
def land(
    warehouse: Warehouse, spaces: Spaces, upload: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> Land:
    """Land a file into the warehouse; both are uploaded."""
    monkeypatch.setenv("AIRFLOW_CONN_SPACES", env.connections(spaces.sandbox)["SPACES"])
    project = load_project("grants_daily")
    with connect() as conn:
        ensure_meta(conn, project.tables)
    upload()
    return lambda file: landing.land(file, project, "test", settings.load())


def quarantined(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.rows(
        "SELECT source, row_number, column_name, value, reason FROM meta.quarantine ORDER BY 1, 2"
    )


def test_scores_come_out_column_by_column(land: Land, warehouse: Warehouse, files: Path) -> None:
    rows = ACCOUNTS * len(generated.MODELS)
    assert land(SCORES) == {"landed": {SCORE_TABLE: rows - 1}, "unchanged": [], "quarantined": 1}
    given = {row["id"]: row for row in pq.read_table(files / generated.SCORES).to_pylist()}
    landed = warehouse.rows(
        "SELECT id, model, address, updated_at, data_human_probability, data_n_transactions, "
        "data_first_funder, data_first_funder_amount, data_first_funder_timestamp, data_gas_spent, "
        "data_n_days_active, data_has_safe_nft, data_meta_version, data_meta_training_date "
        f"FROM {SCORE_TABLE}"
    )
    for number, model, address, updated_at, human, *others in landed:
        row = given[number]
        data = json.loads(row["value"])["data"]
        assert (model, address) == (row["key_0"], row["key_1"].lower())
        assert (updated_at, human) == (row["updated_at"], data["human_probability"])
        names = ("n_transactions", "first_funder", "first_funder_amount", "first_funder_timestamp")
        names += ("gas_spent", "n_days_active", "has_safe_nft")
        meta = (data["meta"]["version"], data["meta"]["training_date"])
        assert tuple(others) == (*(data.get(name) for name in names), *meta)
    assert len(landed) == rows - 1


def test_stamps_come_out_line_by_line(land: Land, warehouse: Warehouse, files: Path) -> None:
    lines = (files / generated.STAMPS).read_text().splitlines()
    assert land(STAMPS) == {"landed": {STAMP_TABLE: len(lines)}, "unchanged": [], "quarantined": 0}
    first = json.loads(lines[0])
    assert warehouse.rows(
        "SELECT id, community, address, status, score, raw_score, threshold, stamps "
        f"FROM {STAMP_TABLE} WHERE id = {first['id']}"
    ) == [
        (
            first["id"],
            first["passport"]["community"],
            first["passport"]["address"].lower(),
            "DONE",
            float(first["score"]),
            float(first["evidence"]["rawScore"]),
            20.0,
            first["stamps"],
        )
    ]
    moments = f"SELECT count(*) FROM {STAMP_TABLE} WHERE last_score_timestamp > '2020-01-01'"
    assert warehouse.value(moments) == len(lines)


@pytest.mark.parametrize(
    ("file", "table"), [(SCORES, SCORE_TABLE), (STAMPS, STAMP_TABLE)], ids=["scores", "stamps"]
)
def test_an_unchanged_object_is_not_even_sent(
    land: Land, warehouse: Warehouse, file: JsonFile, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(file)
    place = warehouse.value("SELECT physical FROM meta.landed_table WHERE relation = %s", [table])
    # Whatever is read now did not come from the server.
    monkeypatch.setattr("shutil.copyfileobj", lambda *_: pytest.fail("the object was sent"))
    done = land(file)
    assert (done["landed"], done["unchanged"]) == ({}, [table])
    assert warehouse.value("SELECT physical FROM meta.landed_table WHERE relation = %s", [table]) == place
    states = warehouse.rows("SELECT state, snapshot_at FROM meta.cut WHERE source = %s", [file.source])
    assert [state for state, _ in states] == ["current", "unchanged"]
    assert states[0][1] == states[1][1] is not None


def test_a_changed_object_is_landed_with_history(
    land: Land, warehouse: Warehouse, files: Path, upload: Callable[[], object]
) -> None:
    land(STAMPS)
    with (files / generated.STAMPS).open("a") as file:
        file.write(json.dumps(generated._stamp_line(900, 9_001, 335)) + "\n")
    upload()
    land(STAMPS)
    history = (
        "SELECT row_change, source_at = (details ->> 'modified_at')::timestamptz FROM meta.landing_history"
    )
    assert warehouse.rows(f"{history} ORDER BY cut_id") == [(None, True), (1, True)]


def test_another_way_to_read_it_reads_it_again(
    land: Land, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(STAMPS)
    warehouse.do("UPDATE meta.landed_table SET fingerprint = replace(fingerprint, ' ', ' older')")
    assert land(STAMPS)["landed"]


def rewrite_stamps(files: Path, *broken: str) -> None:
    """The generated lines with broken ones from line 3 on."""
    path = files / generated.STAMPS
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], *broken, *lines[2:]]) + "\n")


GOOD_LINE = generated._stamp_line(901, 9_003, 335)
BROKEN = {
    '{"passport": {"addr': ("line", '{"passport": {"addr', "is no JSON object"),
    "<html>": ("line", "<html>", "is no JSON object"),
    json.dumps({**GOOD_LINE, "passport": {}}): ("address", None, "is no address"),
    json.dumps({**GOOD_LINE, "status": "DO\0NE"}): (
        "line",
        json.dumps({**GOOD_LINE, "status": "DO\0NE"})[:200],
        "holds a NUL character",
    ),
    json.dumps({**GOOD_LINE, "score": "many"}): ("score", "many", "is no double"),
    json.dumps({**GOOD_LINE, "score": None, "evidence": None}): ("score", None, "is empty"),
    json.dumps({**GOOD_LINE, "last_score_timestamp": "yesterday"}): (
        "last_score_timestamp",
        "yesterday",
        "is no timestamptz",
    ),
    json.dumps({**GOOD_LINE, "last_score_timestamp": None}): ("last_score_timestamp", None, "is empty"),
}


@pytest.mark.parametrize("line", BROKEN, ids=[" ".join(map(str, cell[::2])) for cell in BROKEN.values()])
def test_a_broken_line_is_left_out_with_its_number(
    line: str, land: Land, warehouse: Warehouse, files: Path, upload: Callable[[], object]
) -> None:
    rewrite_stamps(files, "", line)
    upload()
    assert land(STAMPS)["quarantined"] == 1
    assert quarantined(warehouse) == [(STAMPS.source, 4, *BROKEN[line])]


def test_too_many_broken_lines_keep_the_old_rows(
    land: Land, warehouse: Warehouse, files: Path, upload: Callable[[], object]
) -> None:
    before = land(STAMPS)["landed"][STAMP_TABLE]
    rewrite_stamps(files, *["{"] * 4)
    upload()
    message = r"4 of \d+ rows are bad, more than 1\.0%; the first is row 3, line: '\{' is no JSON object"
    with pytest.raises(ContentRefused, match=message):
        land(STAMPS)
    assert warehouse.value(f"SELECT count(*) FROM {STAMP_TABLE}") == before
    assert [row[1] for row in quarantined(warehouse)] == [3, 4, 5, 6]


def change_scores(files: Path, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
    """Rewrite the Parquet file row by row; None drops a row."""
    path = files / generated.SCORES
    rows = [change(row) for row in pq.read_table(path).to_pylist()]
    pq.write_table(pa.Table.from_pylist([row for row in rows if row], generated.SCHEMA), path)


def test_a_model_that_is_gone_is_named(
    land: Land, warehouse: Warehouse, files: Path, upload: Callable[[], object]
) -> None:
    land(SCORES)
    change_scores(files, lambda row: None if row["key_0"] == "zksync" else row)
    upload()
    with pytest.raises(ContentRefused, match="no rows of model zksync, which the last load had"):
        land(SCORES)
    models = f"SELECT count(DISTINCT model) FROM {SCORE_TABLE}"
    assert warehouse.value(models) == len(generated.MODELS)
    landing.land(SCORES, load_project("grants_daily"), "test", settings.load(), ["zksync"])
    assert warehouse.value(models) == len(generated.MODELS) - 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"key_1": "0x123"}, "row 1, address: '0x123' is no address"),
        ({"key_1": None}, "row 1, address: None is no address"),
        ({"key_0": ""}, "row 1, model: '' is empty"),
        ({"value": "{"}, "row 1, value: '{' is no JSON object"),
        ({"value": None}, "row 1, value: None is no JSON object"),
        (
            {"value": '{"data": {"human_probability": 101}}'},
            "row 1, data_human_probability: '101' is not between 0 and 100",
        ),
        (
            {"value": '{"data": {"human_probability": "high"}}'},
            "row 1, data_human_probability: 'high' is no double",
        ),
        ({"updated_at": None}, "row 1, updated_at: None is empty"),
    ],
)
def test_a_file_full_of_one_fault_is_refused_by_its_first_row(
    changed: dict[str, Any], message: str, land: Land, files: Path, upload: Callable[[], object]
) -> None:
    change_scores(files, lambda row: row | changed)
    upload()
    with pytest.raises(ContentRefused) as caught:
        land(SCORES)
    assert message in str(caught.value)


def test_a_file_without_rows_never_empties_a_table(
    land: Land, warehouse: Warehouse, files: Path, upload: Callable[[], object]
) -> None:
    land(SCORES)
    change_scores(files, lambda _: None)
    (files / generated.STAMPS).write_text("\n\n")
    upload()
    for file in (SCORES, STAMPS):
        with pytest.raises(ContentRefused, match="the file has no rows"):
            land(file)
    assert warehouse.value(f"SELECT count(*) FROM {SCORE_TABLE}") > 0


def test_what_is_no_parquet_is_named(land: Land, files: Path, upload: Callable[[], object]) -> None:
    path = files / generated.SCORES
    whole = path.read_bytes()
    path.write_bytes(b"<html>" * 100)
    upload()
    with pytest.raises(BadSourceAnswer, match=r"model_scores\.parquet cannot be read as Parquet"):
        land(SCORES)
    middle = len(whole) // 3
    path.write_bytes(whole[:middle] + bytes(200) + whole[middle + 200 :])
    upload()
    with pytest.raises(BadSourceAnswer, match="passport/model_scores: the file cannot be read to its end"):
        land(SCORES)


def test_a_missing_column_is_named(land: Land, files: Path, upload: Callable[[], object]) -> None:
    path = files / generated.SCORES
    pq.write_table(pq.read_table(path).rename_columns(["value", "updated_at", "id", "key_0", "wallet"]), path)
    upload()
    with pytest.raises(BadSourceAnswer, match=r"model_scores\.parquet has no column key_1"):
        land(SCORES)


def test_a_missing_object_is_named(land: Land, spaces: Spaces) -> None:
    objects.reset(spaces.sandbox)
    with pytest.raises(
        SourceUnavailable, match=r"s3://regendata/passport/model_scores\.parquet: .*NoSuchKey"
    ):
        land(SCORES)
