"""A hundred publishes of models that change at random, under objects that people keep on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from regendata.exceptions import FacadeConflict
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.warehouse import builds, relations, retention
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.models.spec import read_model
from sandbox.bootstrap import ANALYST, ANALYSTS, OWNER
from sandbox.layout import Sandbox
from tests.support import databases
from tests.support.guarantees import Recorder
from tests.support.small_project import GIFTS, NAMES, PATIENT, SYSTEM, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
MODEL = Relation("public", "gifts")
TEMPLATE = "built_on_template"
EXAMPLES, PUBLISHES = 6, 20
TYPES = ("integer", "bigint", "numeric(20,2)", "double precision", "text")
NAMES_OF_COLUMNS = ("a", "b", "c", "d", "e")
BASE = {"giver": "text", "a": "integer", "b": "bigint"}
OBJECTS = (
    "CREATE VIEW own.narrow WITH (security_barrier) AS SELECT id, giver FROM public.gifts",
    "CREATE VIEW own.nested AS SELECT giver, count(*) AS gifts FROM own.narrow GROUP BY giver",
    "CREATE VIEW own.computed AS SELECT id, a + 1 AS more FROM public.gifts",
    "CREATE MATERIALIZED VIEW own.kept AS SELECT id, a FROM public.gifts",
    "CREATE UNIQUE INDEX kept_key ON own.kept (id)",
    "CREATE VIEW own.highest AS SELECT max(id) AS id FROM own.kept",
    "COMMENT ON MATERIALIZED VIEW own.kept IS 'mine'",
    "COMMENT ON COLUMN own.computed.more IS 'one more'",
    f"GRANT SELECT ON own.kept TO {OWNER} WITH GRANT OPTION",
    f"GRANT SELECT (gifts) ON own.nested TO {OWNER}",
)
USED = {"giver", "a"}
#: All about the relations of a schema but the types of their columns.
ALL = """
SELECT c.relname, c.relkind, pg_get_viewdef(c.oid), pg_get_userbyid(c.relowner), c.reloptions,
  c.relispopulated, obj_description(c.oid, 'pg_class'),
  ARRAY(SELECT x::text FROM aclexplode(c.relacl) AS x ORDER BY 1),
  ARRAY(SELECT concat_ws(' ', attname, attacl, col_description(attrelid, attnum))
    FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 ORDER BY attnum),
  ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = c.oid)
FROM pg_class AS c WHERE c.relnamespace = 'own'::regnamespace AND c.relkind IN ('v', 'm') ORDER BY 1
"""
COLUMNS = """
SELECT attname::text FROM pg_attribute
WHERE attrelid = 'public.gifts'::regclass AND attnum > 0 ORDER BY attnum
"""
FACADE = """
SELECT relowner::regrole::text, relacl::text, reloptions, obj_description(c.oid, 'pg_class'), attacl::text,
  col_description(c.oid, 1)
FROM pg_class AS c INNER JOIN pg_attribute ON attrelid = c.oid AND attname = 'id'
WHERE c.oid = 'public.gifts'::regclass
"""
CHANGES = st.one_of(
    st.tuples(st.just("append"), st.sampled_from(NAMES_OF_COLUMNS), st.sampled_from(TYPES)),
    st.tuples(st.just("drop"), st.sampled_from(("giver", *NAMES_OF_COLUMNS)), st.none()),
    st.tuples(
        st.just("rename"), st.sampled_from(("giver", *NAMES_OF_COLUMNS)), st.sampled_from(NAMES_OF_COLUMNS)
    ),
    st.tuples(st.just("reorder"), st.integers(1, 4), st.none()),
    st.tuples(st.just("retype"), st.sampled_from(("giver", *NAMES_OF_COLUMNS)), st.sampled_from(TYPES)),
)


def changed(columns: dict[str, str], kind: str, what: Any, to: Any) -> dict[str, str]:
    """The model's columns after one change; one that does not apply puts the first column last."""
    names = list(columns)
    if kind == "append" and what not in columns:
        return {what: to, **columns}
    if kind in ("append", "reorder") or what not in columns or to in (*columns, columns[what]):
        turns = what if kind == "reorder" else 1
        return {name: columns[name] for name in names[turns:] + names[:turns]}
    if kind == "drop":
        return {name: columns[name] for name in names if name != what}
    renamed, retyped = (to, columns[what]) if kind == "rename" else (what, to)
    return {renamed if name == what else name: retyped if name == what else columns[name] for name in names}


def write(project: SmallProject, columns: dict[str, str]) -> None:
    """The model public.gifts with these columns behind its key."""
    listed = [f"gift.id::{type_} AS {name}" for name, type_ in columns.items()]
    header = "/*\ndescription: Every gift.\nunique_key: [id]\n*/\n"
    project.model(
        "public.gifts", f"{header}SELECT {', '.join(['gift.id', *listed])} FROM landing.gifts AS gift\n"
    )


@pytest.fixture(scope="module")
def template(
    postgres_cluster: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SmallProject, Project]]:
    """A warehouse with one publish and somebody's objects on it; its project, whose files are read once."""
    project = small_project(tmp_path_factory.mktemp("models") / "project")
    databases.make_clone(postgres_cluster, "Grants", TEMPLATE, OWNER, [ANALYSTS])
    found = Warehouse(postgres_cluster, TEMPLATE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_GRANTS_DB", found.dsn())
        project.refresh(GIFTS, NAMES)
    found.do(
        f"GRANT USAGE ON SCHEMA public TO {ANALYSTS}",
        f"GRANT SELECT ON public.gifts TO {ANALYSTS} WITH GRANT OPTION",
        "GRANT SELECT (id) ON public.gifts TO PUBLIC",
        "COMMENT ON VIEW public.gifts IS 'all gifts'",
        "COMMENT ON COLUMN public.gifts.id IS 'the key'",
        "ALTER VIEW public.gifts SET (security_barrier = true)",
    )
    with found.connect("postgres") as superuser:
        superuser.execute(f"CREATE SCHEMA own AUTHORIZATION {ANALYST}")
    with found.analyst() as analyst:
        for statement in OBJECTS:
            analyst.execute(statement)
    yield project, project.load()
    databases.drop(postgres_cluster, TEMPLATE)


def small_project(folder: Path) -> SmallProject:
    """The small project with public.gifts and the names beside it."""
    project = SmallProject.create(folder)
    for name in ("public/named_gifts", "views/givers"):
        (folder / "models" / f"{name}.sql").unlink()
    write(project, BASE)
    return project


@dataclass
class Published:
    """One warehouse through several publishes: what readers see, and what came of it."""

    engine: PgConnection
    superuser: psycopg.Connection
    project: SmallProject
    loaded: Project
    columns: dict[str, str] = field(default_factory=lambda: dict(BASE))
    shown: list[str] = field(default_factory=lambda: ["id", *BASE])

    def publish(self, columns: dict[str, str]) -> bool:
        """Publish the model with these columns; False if somebody's object stood in the way by name."""
        before = self.state()
        write(self.project, columns)
        doomed = bool(USED - set(columns)) or columns.get("a") == "text"
        if doomed:
            with pytest.raises(FacadeConflict, match=r"view own\.(narrow|computed|kept) \(owner metabase\)"):
                self.refresh()
            retention.give_up_open_builds(self.engine, SYSTEM, "refused")
            assert self.state() == before
            return False
        self.refresh()
        self.columns = columns
        self.shown = [name for name in self.shown if name in ("id", *columns)]
        self.shown += [name for name in columns if name not in self.shown]
        assert loosely(self.state()) == loosely((before[0], self.shown, before[2]))
        return True

    def refresh(self) -> None:
        """Build what changed and publish it, in one session: connecting would take most of the time."""
        models = {**self.loaded.models, MODEL: read_model(self.project.folder / "models/public/gifts.sql")}
        opened = builds.open_build(self.engine, replace(self.loaded, models=models), "random")
        for model in models.values():
            relations.build_relation(self.engine, opened.build_id, model, self.project.settings)
        builds.publish(self.engine, opened.build_id, PATIENT)

    def state(self) -> tuple[Any, list[str], Any]:
        """People's objects, columns of the published view, and what hangs on it."""
        objects, columns, facade = (
            self.superuser.execute(query).fetchall() for query in (ALL, COLUMNS, FACADE)
        )
        return objects, [name for (name,) in columns], facade


def loosely(state: tuple[Any, list[str], Any]) -> str:
    """The text of a state without casts: a column that changes its type makes them explicit."""
    return re.sub(r"::[a-z]+( precision)?(\(\d+,\s?\d+\))?|[()]", "", str(state).replace("\\n", " "))


@contextmanager
def one_warehouse(cluster: Sandbox, project: SmallProject, loaded: Project) -> Iterator[Published]:
    with databases.clone(cluster, TEMPLATE, OWNER, [ANALYSTS]) as name, pytest.MonkeyPatch.context() as patch:
        found = Warehouse(cluster, name)
        patch.setenv("AIRFLOW_CONN_GRANTS_DB", found.dsn())
        with connect() as engine, found.connect("postgres") as superuser:
            yield Published(engine, superuser, project, loaded)
        assert found.leftovers() == set()
        with found.analyst() as analyst:
            assert analyst.execute("SELECT sum(gifts) FROM own.nested").fetchone() == (3,)
            analyst.execute("REFRESH MATERIALIZED VIEW own.kept")


def test_peoples_objects_live_through_a_hundred_publishes_or_are_named(
    template: tuple[SmallProject, Project], postgres_cluster: Sandbox, guarantee: Recorder
) -> None:
    counts = {True: 0, False: 0}

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(CHANGES, min_size=PUBLISHES, max_size=PUBLISHES))
    def publish_all(changes: list[tuple[str, Any, Any]]) -> None:
        with one_warehouse(postgres_cluster, *template) as published:
            for change in changes:
                counts[published.publish(changed(published.columns, *change))] += 1

    publish_all()
    assert counts[True] + counts[False] >= EXAMPLES * PUBLISHES
    assert min(counts.values()) > 5
    guarantee(
        "People's objects under changing models",
        promise="Views, materialized views, indexes, grants and comments that people keep on published views "
        "live through every change of a model, or the publish stops, names them and changes nothing.",
        figures={"publishes": counts[True], "refused by name": counts[False]},
    )
