"""Worker or server end hard at every boundary of a refresh; the next run leaves what one run would."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest

from regendata.exceptions import SourceUnavailable
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.warehouse import builds, checks, diffs, receipts, relations
from regendata.hooks.warehouse.permissions import apply_permissions
from regendata.hooks.warehouse.promises import check_promises
from regendata.models.project import Project
from regendata.publish.permissions import Permissions, Role
from sandbox import bootstrap, postgres
from sandbox.bootstrap import ANALYSTS, OWNER
from sandbox.layout import Sandbox
from tests.support import databases
from tests.support.blocking import wait_for
from tests.support.crashes import crash
from tests.support.digests import published_digest
from tests.support.guarantees import Recorder
from tests.support.small_project import GIFTS, NAMES, PATIENT, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
TEMPLATE = "boundary_template"
NEW_GIFTS, NEW_NAMES = [(4, 137, "dan", 2.0)], [*NAMES, (137, "Polygon")]
PERMISSIONS = Permissions((Role(ANALYSTS, reads=("public", "views")),), {})
Tick = Callable[[str], None]
#: How many statements lie between two deaths inside steps.
STRIDE = 60


def refresh(small: SmallProject, project: Project, tick: Tick) -> None:
    """The steps of a refresh in their order, one after the other; ``tick`` is told each that has ended."""
    small.grow(NEW_GIFTS)
    tick("land gifts")
    small.land(names=NEW_NAMES)
    tick("land names")
    with connect() as conn:
        opened = builds.open_build(conn, project, "boundary")
        tick("open build")
        if opened.nothing_to_do:
            builds.close_unchanged(conn, opened)
            tick("close build")
        else:
            build(conn, small, project, opened.build_id, tick)
            builds.publish(conn, opened.build_id, PATIENT)
            tick("publish")
        apply_permissions(conn, PERMISSIONS)
        tick("permissions")
        receipts.write_receipt(conn, opened.build_id, receipts.RunFacts("boundary", "boundary", None), None)
        tick("receipt")
    small.tidy_up()


def build(conn: PgConnection, small: SmallProject, project: Project, build_id: int, tick: Tick) -> None:
    """Build and check each view, then the build as a whole."""
    for relation, model in project.models.items():
        built = relations.build_relation(conn, build_id, model, small.settings)
        tick(f"build {relation}")
        if built is not None:
            checks.check_relation(conn, build_id, project.system, model)
            tick(f"check {relation}")
    check_promises(conn, build_id, project, ())
    tick("check promises")
    diffs.compare_build(conn, build_id, project, small.settings)
    tick("compare")


def never(_: str) -> None:
    """Nothing ends this run."""


@contextmanager
def at_statement(number: int, deed: Callable[[], None]) -> Iterator[list[int]]:
    """Do a deed before a statement of this process, counted from 1; gives the count so far as a list."""
    count, execute = [0], psycopg.Cursor.execute

    def counted(cursor: psycopg.Cursor, *arguments: object, **named: object) -> psycopg.Cursor:
        count[0] += 1
        if count[0] == number:
            deed()
        return execute(cursor, *arguments, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", counted)
        yield count


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dies(small: SmallProject, project: Project, after: str | None, statement: int) -> None:
    """A process of its own runs the refresh and is killed after a step or before a statement."""
    child = os.fork()
    if child == 0:
        try:
            with at_statement(statement, die):
                refresh(small, project, lambda step: die() if step == after else None)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the worker came to its end: {after}, {statement}"
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.fixture(scope="module")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallProject, Project]:
    small = SmallProject.create(tmp_path_factory.mktemp("boundary") / "project")
    return small, small.load()


@contextmanager
def published(cluster: Sandbox, template: str) -> Iterator[Warehouse]:
    """A copy of the template that the connection `grants_db` leads to."""
    with databases.clone(cluster, template, OWNER, [ANALYSTS]) as name, pytest.MonkeyPatch.context() as patch:
        found = Warehouse(cluster, name)
        patch.setenv("AIRFLOW_CONN_GRANTS_DB", found.dsn())
        yield found


def make_template(cluster: Sandbox, small: SmallProject) -> None:
    """A warehouse after one refresh."""
    databases.make_clone(cluster, bootstrap.WAREHOUSE, TEMPLATE, OWNER, [ANALYSTS])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_GRANTS_DB", cluster.dsn(TEMPLATE, OWNER))
        small.refresh(GIFTS, NAMES)


def assert_clean(warehouse: Warehouse, undisturbed: dict[str, str]) -> None:
    assert published_digest(warehouse) == undisturbed
    assert warehouse.leftovers() == set()
    states = warehouse.rows("SELECT state FROM meta.build UNION SELECT state FROM meta.cut")
    assert not {"landing", "building"} & {state for (state,) in states}


def undisturbed_run(
    cluster: Sandbox, small: SmallProject, project: Project
) -> tuple[list[str], int, dict[str, str], dict[str, str]]:
    """Steps and statements of a run nobody disturbs, and what readers see before and after."""
    steps: list[str] = []
    with published(cluster, TEMPLATE) as warehouse, at_statement(0, die) as count:
        before = published_digest(warehouse)
        count[0] = 0
        refresh(small, project, steps.append)
        total = count[0]
        return steps, total, before, published_digest(warehouse)


@pytest.mark.slow
def test_a_worker_killed_anywhere_leaves_nothing_to_clean(
    postgres_cluster: Sandbox, small_project: tuple[SmallProject, Project], guarantee: Recorder
) -> None:
    small, project = small_project
    make_template(postgres_cluster, small)
    steps, total, before, after = undisturbed_run(postgres_cluster, small, project)
    assert before != after
    with published(postgres_cluster, TEMPLATE) as warehouse:
        refresh(small, project, never)
        assert "build_2.gifts__added" in warehouse.relations("build_%")
    deaths: list[tuple[str | None, int]] = [(step, 0) for step in steps]
    deaths += [(None, number) for number in range(3, total, STRIDE)]
    for step, statement in deaths:
        with published(postgres_cluster, TEMPLATE) as warehouse:
            dies(small, project, step, statement)
            wait_for(lambda found=warehouse: no_session(found))
            assert published_digest(warehouse) in (before, after)
            refresh(small, project, never)
            assert_clean(warehouse, after)
    databases.drop(postgres_cluster, TEMPLATE)
    guarantee(
        "A worker killed at every boundary",
        promise="However a worker is killed during a refresh, readers see the old data or the new, and the "
        "next run leaves the same tables as a run nobody disturbed, and nothing else.",
        figures={
            "kills between steps": len(steps),
            "kills inside steps": len(deaths) - len(steps),
            "statements of one refresh": total,
            "runs that differed": 0,
        },
    )


def no_session(warehouse: Warehouse) -> bool:
    """Whether the killed worker's sessions have ended at the server."""
    query = "SELECT FROM pg_stat_activity WHERE datname = %s AND application_name LIKE 'regendata%%'"
    with closing(warehouse.connect("postgres")) as superuser:
        return superuser.execute(query, [warehouse.database]).rowcount == 0


@pytest.mark.slow
def test_a_server_that_crashes_at_any_boundary_leaves_nothing_to_clean(
    cluster: Sandbox, small_project: tuple[SmallProject, Project], guarantee: Recorder
) -> None:
    small, project = small_project
    make_template(cluster, small)
    steps, _, before, after = undisturbed_run(cluster, small, project)
    crashes = steps[:-1]
    for last in crashes:
        with published(cluster, TEMPLATE) as warehouse:
            with pytest.raises((psycopg.OperationalError, SourceUnavailable)):
                refresh(small, project, lambda step, at=last: crash(cluster) if step == at else None)
            postgres.start(cluster, durable=False)
            assert published_digest(warehouse) in (before, after)
            refresh(small, project, never)
            assert_clean(warehouse, after)
    guarantee(
        "A server crash at every boundary",
        promise="However PostgreSQL ends during a refresh, the next run after its restart leaves the same "
        "tables as a run nobody disturbed, and nothing else.",
        figures={"crashes": len(crashes), "runs that differed": 0},
    )
