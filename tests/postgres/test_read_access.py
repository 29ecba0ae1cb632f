"""Who may read what after a refresh, tried as that person."""

from __future__ import annotations

import psycopg
import pytest

from regendata import paths
from regendata.exceptions import PermissionMismatch
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.permissions import Applied, apply_permissions
from regendata.publish.permissions import Permissions, Role, read_permissions
from sandbox.bootstrap import ANALYST, ANALYSTS
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
READER = Role(ANALYSTS, reads=("public", "views"))


@pytest.fixture
def published(warehouse: Warehouse, small: SmallProject) -> SmallProject:
    """The small project published once, with rights applied."""
    small.refresh(GIFTS, NAMES)
    apply()
    return small


def apply(*roles: Role) -> Applied:
    with connect() as conn:
        return apply_permissions(conn, Permissions(roles or (READER,), {}))


def test_the_analyst_reads_every_published_view_of_a_refresh(refreshed: Warehouse) -> None:
    permissions = read_permissions(paths.PERMISSIONS)
    schemas = permissions.readable(next(role for role in permissions.roles if role.name == ANALYST))
    names = refreshed.rows(
        "SELECT format('%%I.%%I', schemaname, viewname) FROM pg_views WHERE schemaname = ANY(%s)",
        [list(schemas)],
    )
    assert len(names) > 20
    with refreshed.analyst() as analyst:
        for (name,) in names:
            assert analyst.execute(f"SELECT count(*) FROM {name}").rowcount == 1


FORBIDDEN = {
    "landed facade": "SELECT count(*) FROM landing.gifts",
    "landed table": "SELECT count(*) FROM land_1.gifts",
    "build": "SELECT count(*) FROM build_1.gifts",
    "insert": "INSERT INTO public.gifts VALUES (9, 1, 'eve', 1)",
    "delete": "DELETE FROM public.gifts",
    "drop": "DROP VIEW public.gifts",
    "replace": "CREATE OR REPLACE VIEW public.gifts AS SELECT 1 AS id",
    "new table": "CREATE TABLE public.mine (id integer)",
    "new schema": "CREATE SCHEMA mine",
    "truncate": "TRUNCATE build_1.gifts",
}


@pytest.mark.parametrize("deed", FORBIDDEN)
def test_the_analyst_can_neither_write_nor_look_behind(
    deed: str, warehouse: Warehouse, published: SmallProject
) -> None:
    with warehouse.analyst() as analyst:
        assert analyst.execute("SELECT count(*) FROM public.gifts").fetchone() == (3,)
        with pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
        ):
            analyst.execute(FORBIDDEN[deed])
    assert warehouse.value("SELECT count(*) FROM public.gifts") == 3


def test_applying_again_changes_nothing(warehouse: Warehouse, published: SmallProject) -> None:
    rights = "SELECT relname, relacl::text FROM pg_class WHERE relacl IS NOT NULL ORDER BY 1"
    defaults = "SELECT defaclnamespace, defaclacl::text FROM pg_default_acl ORDER BY 1"
    before = warehouse.rows(rights), warehouse.rows(defaults)
    assert apply().changes == ()
    assert (warehouse.rows(rights), warehouse.rows(defaults)) == before
    assert before[1]


def test_a_view_published_later_is_readable_at_once(warehouse: Warehouse, published: SmallProject) -> None:
    published.model("views.later", "/*\ndescription: Later.\n*/\nSELECT gift.id FROM public.gifts AS gift\n")
    published.refresh()
    with warehouse.analyst() as analyst:
        assert analyst.execute("SELECT count(*) FROM views.later").fetchone() == (3,)


def test_a_schema_that_does_not_exist_yet_is_made(warehouse: Warehouse, published: SmallProject) -> None:
    apply(Role(ANALYSTS, reads=("not_yet",)))
    assert warehouse.schemas("not\\_yet") == {"not_yet"}


def test_somebody_elses_relation_that_cannot_be_read_is_named(
    warehouse: Warehouse, published: SmallProject
) -> None:
    with warehouse.connect("postgres") as superuser:
        superuser.execute("CREATE TABLE views.private AS SELECT 1 AS one")
    with pytest.raises(
        PermissionMismatch, match=rf"role {ANALYSTS} cannot read views\.private; who owns it must"
    ):
        apply()
    with warehouse.connect("postgres") as superuser:
        superuser.execute(f"GRANT SELECT ON views.private TO {ANALYSTS}")
    assert apply().read_as[ANALYSTS] > 3
