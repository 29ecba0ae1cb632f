"""Sources that are wrong in every way anybody thought of: nothing is published, and the reason names what."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from regendata import paths, settings
from regendata.exceptions import RegendataError
from regendata.hooks.indexer_api import fetch_version
from regendata.landing import archives
from regendata.models.project import load_project
from regendata.sources.static_data import ARCHIVES, PREFIX, SUMS, recorded
from sandbox import env
from sandbox.bootstrap import ANALYSTS, OWNER, SOURCES
from sandbox.layout import Sandbox
from sandbox.refresh import refresh
from sandbox.upstreams.server import StandIns
from tests.conftest import Spaces
from tests.support import databases
from tests.support.guarantees import Recorder
from tests.support.mutations import Mutation, Upstreams, files
from tests.support.mutations.indexers import INDEXERS
from tests.support.sources import Seeded, SourceDatabase, source_copy
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
    found = re.search(reason, message)
    assert found, message
    return {mutation: message[found.start() :][:_SHOWN].replace("|", r"\|")}


@pytest.fixture(scope="module")
def untouched(seeded: Seeded) -> Iterator[dict[str, SourceDatabase]]:
    """Copies of both source databases that no test hurts."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(source_copy(seeded.sandbox, name)) for name in SOURCES}


@pytest.fixture
def warehouse_alone(
    refreshed_template: str,
    postgres_cluster: Sandbox,
    untouched: dict[str, SourceDatabase],
    dune: StandIns,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Warehouse]:
    """A warehouse that was refreshed once; its source databases are shared, which saves two copies a test."""
    for name, source in untouched.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}_DB", source.reader_dsn)
    with databases.clone(postgres_cluster, refreshed_template, OWNER, [ANALYSTS]) as name:
        found = Warehouse(postgres_cluster, name)
        monkeypatch.setenv("AIRFLOW_CONN_GRANTS_DB", found.dsn())
        yield found


@dataclass(frozen=True)
class Scene:
    """A warehouse that was refreshed once, and its sources for one test to hurt."""

    warehouse: Warehouse
    upstreams: Upstreams


@pytest.fixture
def scene(
    mutation: str,
    refreshed_template: str,
    dune: StandIns,
    stand_ins_sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Scene:
    """Source databases of its own only for a test that hurts one; the template comes before any of them."""
    facts = tmp_path / "static_data"
    shutil.copytree(paths.STATIC_DATA, facts)
    monkeypatch.setattr(paths, "STATIC_DATA", facts)
    if mutation in INDEXERS:
        sources = {name: request.getfixturevalue(name) for name in SOURCES}
        warehouse = request.getfixturevalue("refreshed")
    else:
        sources, warehouse = (request.getfixturevalue(name) for name in ("untouched", "warehouse_alone"))
    return Scene(
        warehouse, Upstreams(**sources, stand_ins=dune, files=stand_ins_sandbox.upstreams, facts=facts)
    )


@pytest.mark.parametrize("mutation", REFRESHES)
def test_nothing_of_a_wrong_source_is_published(mutation: str, scene: Scene, guarantee: Recorder) -> None:
    wrong: Mutation = REFRESHES[mutation]
    before = published(scene.warehouse)
    wrong.hurt(scene.upstreams)
    reasons = refused(lambda: refresh("wrong"), mutation, wrong.reason)
    assert published(scene.warehouse) == before
    assert len(before) == len(load_project("grants").models)
    guarantee(
        "Wrong sources are refused",
        promise="Nothing of a source that is wrong in any of these ways is published; the reason says where.",
        figures=reasons,
    )


@pytest.mark.parametrize("mutation", files.VERSIONS)
def test_a_wrong_version_is_no_version(
    mutation: str, stand_ins: StandIns, stand_ins_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_INDEXER_API", env.connections(stand_ins_sandbox)["INDEXER_API"])
    wrong = files.VERSIONS[mutation]
    wrong.hurt(stand_ins)
    refused(lambda: fetch_version("indexer_api"), mutation, wrong.reason)


@pytest.mark.parametrize("mutation", files.ARCHIVES)
def test_a_spoilt_archive_is_not_loaded(
    mutation: str, warehouse_alone: Warehouse, seeded: Seeded, spaces: Spaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SPACES", env.connections(spaces.sandbox)["SPACES"])
    spoilt = files.ARCHIVES[mutation]
    archive = next(one for one in ARCHIVES if one.stem == spoilt.stem)
    before = warehouse_alone.rows("SELECT relation, physical FROM meta.landed_table ORDER BY 1")
    upload(spaces, seeded.archives, spoilt, archive)
    project, options = load_project("grants"), settings.load()
    refused(lambda: archives.land(archive, project, "wrong", options, reload=True), mutation, spoilt.reason)
    assert warehouse_alone.rows("SELECT relation, physical FROM meta.landed_table ORDER BY 1") == before


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
