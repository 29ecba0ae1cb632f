"""Public data sets: what strangers find in the bucket, after good exports and after broken ones."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from psycopg import sql

from regendata import paths
from regendata.exceptions import SourceUnavailable
from regendata.hooks.export_bucket import ExportBucket
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds
from regendata.landing.exports import Exported, export
from regendata.models.relation import Relation
from regendata.publish.exports.manifest import Manifest
from regendata.settings import Settings
from tests.conftest import Spaces
from tests.support.small_project import GIFTS, NAMES, SYSTEM, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
MORE = [*GIFTS, (4, 1, "dan", 2.0)]
BIG_GIFTS = """/*
description: Gifts of more than five dollars.
unique_key: [id]
*/
SELECT gift.id, gift.amount FROM public.gifts AS gift WHERE gift.amount > 5
"""
OPTIONS = Settings(export_work_mem="1MB", export_kept=2)


class Bench:
    """A bucket, and exports of a small project into it."""

    def __init__(self, spaces: Spaces, project: SmallProject) -> None:
        self.client: Any = spaces.client()
        self.bucket = ExportBucket(spaces.bucket, "public/", self.client, "public-read")
        self.project = project
        self.puts: list[str] = []
        self.broken_at: str | None = None
        events = self.client.meta.events
        for operation in ("PutObject", "CopyObject", "CreateMultipartUpload"):
            events.register(f"provide-client-params.s3.{operation}", self._seen)

    def _seen(self, params: dict[str, Any], **_: Any) -> None:
        if self.broken_at is not None and self.broken_at in params["Key"]:
            raise SourceUnavailable(f"the line broke at {params['Key']}")
        self.puts.append(params["Key"].removeprefix("public/"))

    def export(self, system: str = SYSTEM, options: Settings = OPTIONS) -> Exported:
        models = [model for model in self.project.load().models.values() if model.relation.schema == "public"]
        with connect() as conn:
            return export(conn, system, models, self.bucket, options)

    @property
    def url(self) -> str:
        return self.bucket.url()

    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self.url}manifest.json", timeout=30).json()
        return found

    def verify(self, *names: str) -> subprocess.CompletedProcess[str]:
        """As a stranger does, with the file from the bucket and nothing of ours."""
        script = requests.get(f"{self.url}verify.py", timeout=30).text
        command = [sys.executable, "-I", "-c", script, f"{self.url}manifest.json", *names]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def bench(spaces: Spaces, warehouse: Warehouse, small: SmallProject) -> Bench:
    small.refresh(GIFTS, NAMES)
    return Bench(spaces, small)


def rows_of(bench: Bench, name: str) -> list[dict[str, Any]]:
    from pyarrow import parquet as pq

    entry = bench.manifest()["data_sets"][name]
    content = requests.get(f"{bench.url}{entry['path']}", timeout=30).content
    assert requests.get(f"{bench.url}{entry['latest']}", timeout=30).content == content
    found: list[dict[str, Any]] = pq.read_table(io.BytesIO(content)).to_pylist()
    return found


def test_a_stranger_finds_reads_and_verifies_every_data_set(bench: Bench) -> None:
    done = bench.export()
    assert set(done.written) == {"public.gifts", "public.chain_names", "public.named_gifts"}
    assert rows_of(bench, "public.gifts") == [
        {"id": number, "chain_id": chain, "giver": giver, "amount": amount}
        for number, chain, giver, amount in GIFTS
    ]
    entry = bench.manifest()["data_sets"]["public.gifts"]
    assert (entry["rows"], entry["key"], entry["description"]) == (3, ["id"], "Every gift.")
    assert entry["columns"][0] == {
        "name": "id", "type": "integer", "parquet": "INT32", "description": "Number of the gift.",
    }  # fmt: skip
    found = bench.verify()
    assert found.returncode == 0, found.stderr
    assert found.stdout.count("ok ") == 3
    page = requests.get(bench.url + "index.html", timeout=30)
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.text.count("SELECT * FROM read_parquet(") == 3
    assert "$" not in page.text.replace('"$DATABASE_URL"', "").replace("&quot;$DATABASE_URL&quot;", "")


def test_the_manifest_tells_checks_waivers_and_where_rows_come_from(
    bench: Bench, warehouse: Warehouse
) -> None:
    waiver = {"who": "Ann <a>", "why": "known", "until": "2030-01-01"}
    warehouse.do(
        "INSERT INTO meta.check_result (build_id, relation, check_name, severity, verdict, passed, figure, "
        "expected, statement, waiver) "
        f"VALUES (1, 'public.gifts', 'size', 'ask', 'waived', false, '3', '4', '', '{json.dumps(waiver)}')"
    )
    bench.export()
    entry = bench.manifest()["data_sets"]["public.gifts"]
    assert {check["check"]: check["verdict"] for check in entry["checks"]}["size"] == "waived"
    assert entry["waivers"] == [{"check": "size", **waiver}]
    assert "Ann &lt;a&gt;" in requests.get(bench.url + "index.html", timeout=30).text
    system = bench.manifest()["systems"][SYSTEM]
    assert (system["build_id"], system["kind"]) == (1, "publish")


def test_what_did_not_change_is_not_written_again(bench: Bench) -> None:
    bench.export()
    before = bench.manifest()["data_sets"]
    bench.puts.clear()
    assert bench.export().written == ()
    assert bench.puts == []
    bench.project.refresh(MORE)
    done = bench.export()
    assert set(done.written) == {"public.gifts", "public.named_gifts"}
    after = bench.manifest()["data_sets"]
    assert after["public.chain_names"] == before["public.chain_names"]
    assert after["public.gifts"]["sha256"] != before["public.gifts"]["sha256"]
    assert [key for key in bench.puts if "chain_names" in key] == []
    assert bench.puts[-1] == "manifest.json"
    assert bench.verify().returncode == 0


def test_the_same_rows_are_the_same_bytes_however_they_came(bench: Bench) -> None:
    bench.export()
    before = bench.manifest()["data_sets"]
    bench.project.refresh(list(reversed(GIFTS)), list(reversed(NAMES)), whole=True)
    bench.puts.clear()
    bench.export()
    after = bench.manifest()["data_sets"]
    assert {name: one["sha256"] for name, one in after.items()} == {
        name: one["sha256"] for name, one in before.items()
    }
    assert after["public.gifts"]["built_in"] > before["public.gifts"]["built_in"]
    assert not [key for key in bench.puts if key.endswith(".parquet")]


@pytest.mark.parametrize("place", ["objects/public.named_gifts", "latest/public.gifts", "manifest.json"])
def test_a_run_that_breaks_off_leaves_a_whole_set_and_the_next_one_catches_up(
    bench: Bench, place: str
) -> None:
    bench.export()
    before = bench.manifest()
    bench.project.refresh(MORE)
    bench.broken_at = place
    with pytest.raises(SourceUnavailable, match="the line broke"):
        bench.export()
    assert bench.manifest() == before
    assert bench.verify().returncode == 0
    bench.broken_at = None
    bench.export()
    assert len(rows_of(bench, "public.gifts")) == 4
    assert bench.verify().returncode == 0


def test_an_object_that_got_lost_is_written_again(bench: Bench) -> None:
    bench.export()
    lost = bench.manifest()["data_sets"]["public.gifts"]["path"]
    bench.bucket.delete([lost])
    assert "FAILED public.gifts: cannot be read: HTTP Error 40" in bench.verify().stdout
    bench.export()
    assert bench.verify().returncode == 0


@pytest.mark.parametrize("damage", ["byte", "cut", "other"])
def test_a_damaged_file_is_found(bench: Bench, damage: str) -> None:
    bench.export()
    entries = bench.manifest()["data_sets"]
    path = entries["public.gifts"]["path"]
    content = bench.bucket.read(path) or b""
    other = bench.bucket.read(entries["public.chain_names"]["path"]) or b""
    damaged = {"byte": content[:-20] + b"?" + content[-19:], "cut": content[:-1], "other": other}[damage]
    bench.bucket.write(path, damaged, "application/octet-stream")
    found = bench.verify()
    assert found.returncode == 1
    assert found.stdout.count("ok ") == 2
    assert "FAILED public.gifts: s" in found.stdout
    assert bench.verify("public.chain_names").returncode == 0


def test_rows_and_schema_are_read_from_the_file_itself(bench: Bench, tmp_path: Path) -> None:
    """A manifest that promises other rows or columns than the file holds is found, checksum or not."""
    bench.export()
    for name in bench.bucket.paths(""):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bench.bucket.read(name) or b"")
    manifest = bench.manifest()
    entry = manifest["data_sets"]["public.gifts"]
    entry["rows"] += 1
    entry["columns"][1]["parquet"] = "INT64"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    command = [sys.executable, str(paths.VERIFIER), str(tmp_path / "manifest.json"), "public.gifts"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert found.returncode == 1
    assert "rows are 3, not 4; columns are [('id', 'INT32'), ('chain_id', 'INT32')" in found.stdout
    entry["path"] = "../../secret"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    found = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (found.returncode, "leads away" in found.stderr) == (2, True)


def test_old_manifests_go_and_their_files_with_them(bench: Bench) -> None:
    for number in range(3):
        bench.project.refresh([*GIFTS, (10 + number, 1, "eve", 1.0)])
        bench.export()
    assert len(bench.bucket.paths("manifests/")) == 2
    files = bench.bucket.paths("objects/public.gifts/")
    assert len(files) == 2
    for path in bench.bucket.paths("manifests/"):
        kept = Manifest.from_json(bench.bucket.read(path) or b"")
        assert kept.data_sets["public.gifts"].path in files


def test_no_file_goes_while_a_kept_manifest_cannot_be_read(bench: Bench) -> None:
    bench.export()
    bench.bucket.write("manifests/99990101T000000Z_strange.json", b'{"format": 9}', "application/json")
    bench.project.refresh(MORE)
    assert bench.export(options=replace(OPTIONS, export_kept=1)).removed_files == 0
    assert len(bench.bucket.paths("objects/public.gifts/")) == 2
    assert bench.verify().returncode == 0


def test_an_export_of_one_system_leaves_the_others_alone(bench: Bench) -> None:
    bench.export()
    ours = Manifest.from_json(bench.bucket.read("manifest.json") or b"")
    foreign = replace(ours.data_sets["public.gifts"], system="another")
    both = replace(
        ours,
        systems={**ours.systems, "another": ours.systems[SYSTEM]},
        data_sets={**ours.data_sets, "public.foreign": foreign},
    )
    bench.bucket.write("manifest.json", both.to_json(), "application/json")
    bench.project.refresh(MORE)
    bench.export()
    after = Manifest.from_json(bench.bucket.read("manifest.json") or b"")
    assert after.data_sets["public.foreign"] == foreign
    assert after.data_sets["public.gifts"].rows == 4
    assert bench.verify("public.foreign").returncode == 0


@pytest.mark.parametrize("exported_before", [False, True])
def test_a_build_older_than_a_data_set_leaves_that_one_as_it_is(bench: Bench, exported_before: bool) -> None:
    bench.export()
    older = bench.manifest()["systems"][SYSTEM]["build_id"]
    bench.project.model("public.big_gifts", BIG_GIFTS)
    bench.project.refresh(MORE)
    if exported_before:
        bench.export()
    bench.project.roll_back(older)
    bench.export()
    data_sets = bench.manifest()["data_sets"]
    assert data_sets["public.gifts"]["rows"] == len(GIFTS)
    assert ("public.big_gifts" in data_sets) is exported_before
    assert bench.verify().returncode == 0


def test_a_relation_that_somebody_dropped_is_named(bench: Bench) -> None:
    bench.export()
    bench.project.refresh(MORE)
    with connect() as conn:
        place = builds.published_relations(conn, SYSTEM)[Relation("public", "named_gifts")].place
        conn.execute("DROP VIEW public.named_gifts")
        conn.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(*place)))
    with pytest.raises(SourceUnavailable, match=r"has lost public\.named_gifts; the next publish brings it"):
        bench.export()
    assert bench.manifest()["data_sets"]["public.named_gifts"]["rows"] == len(GIFTS)


def test_nothing_is_written_before_the_first_publish(bench: Bench) -> None:
    assert bench.export("unpublished").written == ()
    assert bench.puts == []
