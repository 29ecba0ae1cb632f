"""Roles, memberships, passwords and rights become what the file says; what else there is stays or is told."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator

import psycopg
import pytest

from regendata.exceptions import PermissionMismatch
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.permissions import Applied, apply_permissions
from regendata.models.relation import Relation
from regendata.publish.permissions import Permissions, Role
from sandbox.bootstrap import ANALYSTS, OWNER
from tests.support.guarantees import Recorder
from tests.support.small_project import GIFTS, NAMES, SmallProject
from tests.support.sources import SourceDatabase
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.postgres
OLD, NEW = "Secret-of-yesterday-1", "Secret-of-today-2"


@pytest.fixture
def published(warehouse: Warehouse, small: SmallProject) -> SmallProject:
    small.refresh(GIFTS, NAMES)
    return small


@pytest.fixture
def names(warehouse: Warehouse) -> Iterator[tuple[str, str]]:
    """Names of a group and a login that do not exist yet; gone at the end."""
    tail = secrets.token_hex(4)
    group, login = f"group_{tail}", f"login_{tail}"
    yield group, login
    with warehouse.connect("postgres") as superuser:
        for role in (login, group):
            if superuser.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount:
                superuser.execute(f"DROP OWNED BY {role}")
                superuser.execute(f"DROP ROLE {role}")


def apply(*roles: Role, servers: dict[str, str] | None = None) -> Applied:
    with connect() as conn:
        return apply_permissions(conn, Permissions(roles, servers or {}))


def tell_airflow(warehouse: Warehouse, login: str, password: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The connection `login_db` with this password; returns it."""
    port = warehouse.sandbox.port("postgres")
    uri = f"postgres://{login}:{password}@127.0.0.1:{port}/{warehouse.database}"
    monkeypatch.setenv("AIRFLOW_CONN_LOGIN_DB", uri)
    return uri


def let_connect(warehouse: Warehouse, role: str) -> None:
    with warehouse.connect("postgres") as superuser:
        superuser.execute(f'GRANT CONNECT ON DATABASE "{warehouse.database}" TO {role}')


def test_from_nothing_to_the_file_and_then_nothing_to_do(
    warehouse: Warehouse,
    published: SmallProject,
    names: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    guarantee: Recorder,
) -> None:
    group, login = names
    uri = tell_airflow(warehouse, login, OLD, monkeypatch)
    apply(Role(group))
    let_connect(warehouse, group)
    roles = (
        Role(group, reads=("public", "views")),
        Role(login, True, (group,), "login_db", may=((Relation("public", "gifts"), ("INSERT",)),)),
    )
    applied = apply(*roles)
    assert f"+ CREATE ROLE {login} LOGIN" in applied.changes
    assert f'+ GRANT SELECT ON "views"."givers" TO "{group}"' in applied.changes
    assert applied.read_as == {group: 4, login: 4}
    with psycopg.connect(uri, autocommit=True) as session:
        assert session.execute("SELECT count(*) FROM views.givers").fetchone() == (2,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("CREATE VIEW public.mine AS SELECT 1 AS one")
    again = apply(*roles)
    assert again.changes == ()
    guarantee(
        "Permissions as desired state",
        promise="Roles, memberships, passwords and rights become what the file says; applying it again "
        "changes nothing, and every role is proved by reading as it.",
        figures={
            "statements from nothing": len(applied.changes),
            "statements of a second run": len(again.changes),
            "relations read as each role": applied.read_as[login],
        },
    )


def test_what_the_file_does_not_say_is_taken_away(
    warehouse: Warehouse, published: SmallProject, names: tuple[str, str]
) -> None:
    group, other = names
    role = Role(group, reads=("public",))
    apply(role, Role(other))
    warehouse.do(
        f"GRANT DELETE ON public.gifts TO {group}",
        f"GRANT UPDATE (giver) ON public.gifts TO {group}",
        f"GRANT CREATE ON SCHEMA public TO {group}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT INSERT ON TABLES TO {group}",
        f"GRANT {other} TO {group}",
        f"GRANT SELECT ON views.givers TO {group}",
    )
    assert set(apply(role, Role(other)).changes) == {
        f'- REVOKE DELETE ON "public"."gifts" FROM "{group}"',
        f'- REVOKE UPDATE ("giver") ON "public"."gifts" FROM "{group}"',
        f'- REVOKE CREATE ON SCHEMA "public" FROM "{group}"',
        f'- ALTER DEFAULT PRIVILEGES IN SCHEMA "public" REVOKE INSERT ON TABLES FROM "{group}"',
        f'- REVOKE "{other}" FROM "{group}"',
    }
    assert apply(role, Role(other)).changes == ()
    assert warehouse.value("SELECT has_table_privilege(%s, 'views.givers', 'SELECT')", [group])


def test_roles_outside_the_file_are_left_alone_and_listed(
    warehouse: Warehouse, published: SmallProject, names: tuple[str, str]
) -> None:
    group, other = names
    with warehouse.connect("postgres") as superuser:
        superuser.execute(f"CREATE ROLE {other}")
    let_connect(warehouse, other)
    warehouse.do(f"GRANT DELETE ON public.gifts TO {other}")
    applied = apply(Role(group, reads=("public",)))
    assert f"role {other}" in applied.left_alone
    assert not any(other in line for line in applied.changes)
    assert warehouse.value("SELECT has_table_privilege(%s, 'public.gifts', 'DELETE')", [other])


def test_what_somebody_else_granted_is_told(
    warehouse: Warehouse, published: SmallProject, names: tuple[str, str]
) -> None:
    group, other = names
    apply(Role(group), Role(other))
    with warehouse.connect("postgres") as superuser:
        superuser.execute(f"GRANT {other} TO {group}")
    applied = apply(Role(group), Role(other))
    assert applied.changes == ()
    assert f'GRANT "{other}" TO "{group}"' in applied.left_alone


def test_a_changed_password_is_followed_and_never_shown(
    warehouse: Warehouse,
    published: SmallProject,
    names: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    group, login = names
    apply(Role(group))
    let_connect(warehouse, group)
    role = Role(login, True, (group,), "login_db")
    old = tell_airflow(warehouse, login, OLD, monkeypatch)
    apply(Role(group), role)
    new = tell_airflow(warehouse, login, NEW, monkeypatch)
    assert apply(Role(group), role).changes == (f"~ password of {login} from login_db",)
    assert apply(Role(group), role).changes == ()
    with psycopg.connect(new) as session:
        assert session.execute("SELECT current_user").fetchone() == (login,)
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(old)
    told = capfd.readouterr()
    text = "\n".join(
        [caplog.text, told.out, told.err, warehouse.sandbox.logs.joinpath("postgres.log").read_text()]
    )
    assert login in text
    assert OLD not in text
    assert NEW not in text


def test_a_login_that_must_not_log_in_any_more(
    warehouse: Warehouse, published: SmallProject, names: tuple[str, str]
) -> None:
    _, login = names
    apply(Role(login, True))
    assert apply(Role(login)).changes == (f"~ ALTER ROLE {login} NOLOGIN",)


def test_a_password_without_a_connection_is_left_alone(
    warehouse: Warehouse, published: SmallProject, names: tuple[str, str]
) -> None:
    _, login = names
    applied = apply(Role(login, True, connection="nowhere_db"))
    assert f"password of {login}: Airflow has no connection nowhere_db" in applied.left_alone


def test_a_server_without_a_connection_is_left_alone(warehouse: Warehouse) -> None:
    applied = apply(Role(ANALYSTS), servers={"elsewhere": "nowhere_db"})
    assert "server of elsewhere: Airflow has no connection nowhere_db" in applied.left_alone
    assert warehouse.rows("SELECT srvname FROM pg_foreign_server WHERE srvname LIKE 'elsewhere%%'") == []


def test_a_connection_of_somebody_else_is_refused(
    warehouse: Warehouse, published: SmallProject, names: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, login = names
    tell_airflow(warehouse, OWNER, OLD, monkeypatch)
    with pytest.raises(
        PermissionMismatch, match=f"connection login_db logs in as {OWNER}, not as role {login}"
    ):
        apply(Role(login, True, connection="login_db"))


def test_a_change_the_engine_may_not_make_is_named_and_nothing_is_changed(
    warehouse: Warehouse, published: SmallProject, names: tuple[str, str]
) -> None:
    group, _ = names
    with pytest.raises(
        PermissionMismatch, match=r'\+ GRANT "pg_read_all_data" TO .*: permission denied .*ADMIN'
    ):
        apply(Role(group, member_of=("pg_read_all_data",)), Role("pg_read_all_data"))
    assert warehouse.rows("SELECT FROM pg_roles WHERE rolname = %s", [group]) == []


def test_a_role_is_proved_by_reading(
    warehouse: Warehouse, published: SmallProject, names: tuple[str, str]
) -> None:
    """A view may be readable by its rights and fail all the same, on what it reads itself."""
    group, _ = names
    warehouse.do("CREATE VIEW views.behind WITH (security_invoker) AS SELECT * FROM build_1.gifts")
    with pytest.raises(PermissionMismatch, match=f"role {group}: permission denied for table"):
        apply(Role(group, reads=("views",)))


def test_foreign_servers_follow_their_connections(
    warehouse: Warehouse, indexer: SourceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = {"indexer": "indexer_db"}
    assert apply(Role(ANALYSTS), servers=servers).changes == (
        "+ server indexer_server",
        "+ user mapping of indexer_server",
    )
    assert apply(Role(ANALYSTS), servers=servers).changes == ()
    monkeypatch.setenv("AIRFLOW_CONN_INDEXER_DB", indexer.reader_dsn.replace("127.0.0.1", "localhost"))
    assert apply(Role(ANALYSTS), servers=servers).changes == ("~ server indexer_server: host",)
