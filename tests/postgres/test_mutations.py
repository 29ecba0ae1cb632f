"""Sources that are wrong in every way anybody thought of: nothing is published, and the reason names what."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from regendata import paths, settings
from regendata.exceptions import RegendataError
from regendata.hooks.indexer_api import fetch_version
from regendata.landing import archives
from regendata.models.project import load_project
from regendata.sources.static_data import ARCHIVES, PREFIX, SUMS, recorded
from sandbox import env
from sandbox.layout import Sandbox
from sandbox.refresh import refresh
from sandbox.upstreams.server import StandIns
from tests.conftest import Spaces
from tests.support.guarantees import Recorder
from tests.support.mutations import Mutation, Upstreams, files
from tests.support.mutations.indexers import INDEXERS
from tests.support.sources import Seeded, SourceDatabase
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres

REFRESHES = INDEXERS | files.ANSWERS
#: Longest reason on the page of guarantees.
_SHOWN = 180
_DEFINITIONS = """
SELECT schemaname || '.' || viewname, definition FROM pg_views
WHERE schemaname IN ('public', 'experimental_views', 'intermediate') ORDER BY 1
"""


def published(warehouse: Warehouse) -> list[tuple[str, str]]:
    """What each published view shows; the relations behind never change."""
    models = {str(relation) for relation in load_project("grants").models}
    return [row for row in warehouse.rows(_DEFINITIONS) if row[0] in models]


def refused(act: Callable[[], object], mutation: str, reason: str) -> dict[str, str]:
    """Act, expect a refusal that gives the reason, and return it under the mutation's name."""
    with pytest.raises(RegendataError) as error:
        act()
    message = " ".join(str(error.value).split())
    assert re.search(reason, message), message
    return {mutation: message[:_SHOWN].replace("|", r"\|")}


@pytest.fixture
def upstreams(
    refreshed: Warehouse,
    indexer: SourceDatabase,
    maci: SourceDatabase,
    dune: StandIns,
    stand_ins_sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Upstreams:
    """The sources of a warehouse that was refreshed once, for one test to hurt."""
    facts = tmp_path / "static_data"
    shutil.copytree(paths.STATIC_DATA, facts)
    monkeypatch.setattr(paths, "STATIC_DATA", facts)
    return Upstreams(indexer, maci, dune, stand_ins_sandbox.upstreams, facts)


@pytest.mark.parametrize("mutation", REFRESHES)
def test_nothing_of_a_wrong_source_is_published(
    mutation: str, refreshed: Warehouse, upstreams: Upstreams, guarantee: Recorder
) -> None:
    wrong: Mutation = REFRESHES[mutation]
    before = published(refreshed)
    wrong.hurt(upstreams)
    reasons = refused(lambda: refresh("wrong"), mutation, wrong.reason)
    assert published(refreshed) == before
    assert len(before) == len(load_project("grants").models)
    guarantee(
        "Wrong sources are refused",
        promise="Nothing of a source that is wrong in any of these ways is published; the reason says where.",
        figures=reasons,
    )


@pytest.mark.parametrize("mutation", files.VERSIONS)
def test_a_wrong_version_is_no_version(
    mutation: str, upstreams: Upstreams, stand_ins_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_INDEXER_API", env.connections(stand_ins_sandbox)["INDEXER_API"])
    wrong = files.VERSIONS[mutation]
    wrong.hurt(upstreams)
    refused(lambda: fetch_version("indexer_api"), mutation, wrong.reason)


@pytest.mark.parametrize("mutation", files.ARCHIVES)
def test_a_spoilt_archive_is_not_loaded(
    mutation: str, refreshed: Warehouse, seeded: Seeded, spaces: Spaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SPACES", env.connections(spaces.sandbox)["SPACES"])
    spoilt = files.ARCHIVES[mutation]
    archive = next(one for one in ARCHIVES if one.stem == spoilt.stem)
    before = refreshed.rows("SELECT relation, physical FROM meta.landed_table ORDER BY 1")
    upload(spaces, seeded.archives, spoilt, archive)
    project, options = load_project("grants"), settings.load()
    refused(lambda: archives.land(archive, project, "wrong", options, reload=True), mutation, spoilt.reason)
    assert refreshed.rows("SELECT relation, physical FROM meta.landed_table ORDER BY 1") == before


def upload(spaces: Spaces, folder: Path, spoilt: files.Spoilt, archive: archives.Archive) -> None:
    """The spoilt file, and the checksums as they were or recorded anew."""
    sums = archives.read_sums((folder / "SHA256SUMS").read_text(encoding="utf-8"))
    path, checksum = recorded(archive, sums)
    content = spoilt.change((folder / path).read_bytes())
    shown = hashlib.sha256(content).hexdigest() if spoilt.recorded else f"{int(checksum, 16) ^ 1:064x}"
    client = spaces.client()
    for key, body in ((f"{PREFIX}/{path}", content), (SUMS, f"{shown}  {path}\n".encode())):
        client.put_object(Bucket=spaces.bucket, Key=key, Body=body)  # type: ignore[attr-defined]


def test_there_are_enough_of_them() -> None:
    assert len({*REFRESHES, *files.VERSIONS, *files.ARCHIVES}) >= 70
