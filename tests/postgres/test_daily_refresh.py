"""The daily system in one process: an empty warehouse is filled and published, then left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from regendata import settings
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.landing import passport, project_groups, sheets
from regendata.landing.whole import lock_policy
from regendata.models.project import load_project
from regendata.sources.passport import FILES
from regendata.sources.sheets import SHEETS
from sandbox import env, objects
from sandbox.generator.passport import write_passport
from sandbox.layout import Sandbox
from sandbox.refresh import Refreshed, build_views
from sandbox.upstreams.server import StandIns
from tests.conftest import Spaces
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
PROJECT = load_project("grants_daily")


@pytest.fixture
def daily(
    warehouse: Warehouse,
    dune: StandIns,
    stand_ins_sandbox: Sandbox,
    spaces: Spaces,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Warehouse:
    """An empty warehouse, sheets and Passport's files to be had."""
    write_passport(tmp_path / "passport", 100)
    spaces.upload(tmp_path / "passport", objects.PASSPORT_PREFIX)
    monkeypatch.setenv("AIRFLOW_CONN_SPACES", env.connections(spaces.sandbox)["SPACES"])
    monkeypatch.setenv("AIRFLOW_CONN_GOOGLE_SHEETS", env.connections(stand_ins_sandbox)["GOOGLE_SHEETS"])
    with connect() as conn:
        ensure_meta(conn, PROJECT.tables)
    return warehouse


def refresh(run_id: str) -> builds.OpenedBuild:
    """What a run of the DAG does, up to its publish."""
    options = settings.load()
    for sheet in SHEETS.values():
        sheets.land(sheet, PROJECT, run_id, options)
    for file in FILES.values():
        passport.land(file, PROJECT, run_id, options)
    project_groups.land(PROJECT, run_id, options)
    with connect() as conn:
        opened = builds.open_build(conn, PROJECT, run_id)
        if not opened.nothing_to_do:
            build_views(PROJECT, opened.build_id, Refreshed())
            builds.publish(conn, opened.build_id, lock_policy(options))
    return opened


def test_the_first_day_needs_nothing_but_its_sources(daily: Warehouse) -> None:
    refresh("first")
    assert daily.value("SELECT count(*) FROM public.passport_model_scores") == 599
    assert daily.value('SELECT count(*) FROM public."Passport"') == 100
    assert daily.value("SELECT count(*) FROM public.manual_project_links") == 4
    assert {str(relation) for relation in PROJECT.models} <= daily.relations("public") | {'public."Passport"'}


def test_the_second_day_without_news_builds_nothing(daily: Warehouse) -> None:
    refresh("first")
    assert refresh("second").nothing_to_do
    loads = (
        "SELECT count(*) FROM meta.landing_history WHERE source LIKE 'sheets/%' OR source LIKE 'passport/%'"
    )
    assert daily.value(loads) == len(SHEETS) + len(FILES)
    looked = "SELECT count(*) FROM meta.cut WHERE state = 'unchanged' AND snapshot_at IS NOT NULL"
    assert daily.value(looked) >= len(SHEETS) + len(FILES)
