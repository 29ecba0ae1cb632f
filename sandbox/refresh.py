"""The grants refresh in one process, without a scheduler: the same functions in the order of the DAG.

Tests and benchmarks use it where the scheduler itself is not in question.
"""

from __future__ import annotations

import graphlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from regendata import paths, settings
from regendata.hooks.indexer import IndexerHook
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds, checks, diffs, receipts, relations, retention
from regendata.hooks.warehouse.foreign import sync_foreign_schema
from regendata.hooks.warehouse.permissions import apply_permissions
from regendata.hooks.warehouse.promises import check_promises
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.landing import archives, dune, indexer, reference, sheets
from regendata.landing.contract import check_columns
from regendata.landing.versions import choose_version
from regendata.landing.whole import lock_policy
from regendata.models.contracts import load_contracts
from regendata.models.project import Project, load_project
from regendata.models.relation import Relation
from regendata.models.waivers import load_waivers
from regendata.publish.permissions import read_permissions
from regendata.settings import Settings
from regendata.sources.indexers import GRANTS_INDEXER, MACI, IndexerSource
from regendata.sources.sheets import SHEETS
from regendata.sources.static_data import ARCHIVES

#: Views built side by side, as the DAG's pool allows on two cores.
WORKERS = 2

Step = Callable[..., bool]


@dataclass
class Refreshed:
    """What one refresh did: receipt, and seconds per step."""

    receipt: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def total_seconds(self) -> float:
        return sum(seconds for step, seconds in self.seconds.items() if "." not in step)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - began, 3)


def load_static_data(run_id: str = "static") -> None:
    """What the DAG ``grants_static_data`` does."""
    project = _prepared()
    for archive in ARCHIVES:
        archives.land(archive, project, run_id, settings.load())


def land_sheets(run_id: str = "sheets") -> None:
    """What the DAG ``grants_every_day`` does with sheets, which the refresh reads."""
    project = _prepared()
    for sheet in SHEETS.values():
        sheets.land(sheet, project, run_id, settings.load())


def refresh(
    run_id: str = "refresh",
    advertised: str | None = None,
    accepted_losses: Collection[int] = (),
    whole: bool = False,
    judged: bool = True,
) -> Refreshed:
    """What the DAG ``grants_every_4_hours`` does; raises what its tasks would raise.

    :param advertised: version the indexer's API gives; None takes the newest schema.
    :param whole: land and build everything as a whole, whatever changed.
    :param judged: with checks and the comparison with the build in use; without, to time the rest alone.
    """
    project, done, options = _prepared(), Refreshed(), settings.load()
    with done.timed("land"), ThreadPoolExecutor(2) as pool:
        lanes = [
            pool.submit(_lane, done, project, run_id, source, version, accepted_losses, whole)
            for source, version in ((GRANTS_INDEXER, advertised), (MACI, None))
        ]
        dune.land(project, run_id, options)
        reference.land(project, run_id, options)
        for lane in lanes:
            lane.result()
    with connect() as conn:
        with done.timed("open_build"):
            opened = builds.open_build(conn, project, run_id, whole=whole)
        switched = None
        if opened.nothing_to_do:
            builds.close_unchanged(conn, opened)
        else:
            with done.timed("views"):
                build_views(project, opened.build_id, done, judged)
            if judged:
                _judge(project, opened.build_id, options, done)
            with done.timed("publish"):
                switched = builds.publish(conn, opened.build_id, lock_policy(options))
            with done.timed("permissions"):
                apply_permissions(conn, read_permissions(paths.PERMISSIONS))
        facts = {"attempts": switched.attempts, "seconds": switched.seconds} if switched else None
        run = receipts.RunFacts("refresh", run_id, None)
        done.receipt = receipts.write_receipt(conn, opened.build_id, run, facts)
    return done


def tidy_up() -> None:
    """What the DAG's last task does, whatever happened before."""
    with connect() as conn:
        retention.give_up_open_builds(conn, "grants", "the run failed")
        retention.drop_old(conn, "grants", settings.load().keep_builds)


def build_views(project: Project, build_id: int, done: Refreshed, judged: bool = True) -> None:
    """Build and check every view, as many at a time as workers, as the scheduler does.

    Builds come first, parents first, and of those the one with most views behind it.

    :param judged: with checks.
    """
    order = graphlib.TopologicalSorter({one: set(project.parents(one)) for one in project.models})
    order.prepare()
    ahead = [above for one in project.models for above in project.ancestors(one)]
    behind = {one: ahead.count(one) for one in project.models}
    waiting: list[tuple[Step, Relation]] = []
    running: dict[Future[bool], tuple[Step, Relation]] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        while order.is_active() or waiting or running:
            waiting += [(_build, relation) for relation in order.get_ready()]
            waiting.sort(key=lambda one: (one[0] is _check, -behind[one[1]]))
            while waiting and len(running) < WORKERS:
                step, relation = waiting.pop(0)
                running[pool.submit(step, project, build_id, relation, done)] = (step, relation)
            finished: Iterable[Future[bool]] = wait(running, return_when=FIRST_COMPLETED).done
            if any(future.exception() for future in finished):
                # What fails beside it may be the cause: the parent's error is raised.
                wait(running)
                finished = sorted(running, key=lambda future: -behind[running[future][1]])
            for future in finished:
                step, relation = running.pop(future)
                if future.result() and judged:
                    waiting.append((_check, relation))
                if step is _build:
                    order.done(relation)


def _judge(project: Project, build_id: int, options: Settings, done: Refreshed) -> None:
    """Promises beside the comparison, as in the DAG."""
    with done.timed("judge"), ThreadPoolExecutor(1) as pool:
        promises = pool.submit(_promises, project, build_id, done)
        with done.timed("judge.compare"), connect() as conn:
            diffs.compare_build(conn, build_id, project, options)
        promises.result()


def _promises(project: Project, build_id: int, done: Refreshed) -> None:
    with done.timed("judge.promises"):
        judge_build(project, build_id)


def judge_build(project: Project, build_id: int) -> None:
    """The checks that cross views, once all of them stand."""
    contracts, waivers = load_contracts(paths.CONTRACTS), load_waivers(paths.WAIVERS)
    with connect() as conn:
        check_promises(conn, build_id, project, contracts, waivers)


def _prepared() -> Project:
    project = load_project("grants")
    with connect() as conn:
        ensure_meta(conn, project.tables)
    return project


def _lane(
    done: Refreshed,
    project: Project,
    run_id: str,
    source: IndexerSource,
    advertised: str | None,
    accepted_losses: Collection[int],
    whole: bool,
) -> None:
    options, excluded = settings.load(), reference.excluded_chains()
    with done.timed(f"land.{source.name}.choose"):
        version = choose_version(source, advertised, options.static_cutoff, excluded, accepted_losses)
    with done.timed(f"land.{source.name}.sync"), connect() as conn:
        remote = IndexerHook(source).tables(version)
        check_columns(source, project, remote)
        sync_foreign_schema(
            conn, source.name, source.conn_id, source.schema(version), remote, lock_policy(options)
        )
    with done.timed(f"land.{source.name}.cut"):
        request = indexer.LandingRequest(
            source, version, run_id, excluded, accepted_losses, options.increments, whole
        )
        indexer.land(request, project, lock_policy(options))


def _build(project: Project, build_id: int, relation: Relation, done: Refreshed) -> bool:
    """Whether there is anything to check."""
    waivers = load_waivers(paths.WAIVERS)
    with connect() as conn, done.timed(f"views.{relation}"):
        rows = relations.build_or_explain(conn, build_id, project, relation, settings.load(), waivers)
    return rows is not None


def _check(project: Project, build_id: int, relation: Relation, done: Refreshed) -> bool:
    """Nothing follows."""
    with connect() as conn, done.timed(f"checks.{relation}"):
        waivers = load_waivers(paths.WAIVERS)
        checks.check_relation(conn, build_id, project.system, project.models[relation], waivers)
    return False
