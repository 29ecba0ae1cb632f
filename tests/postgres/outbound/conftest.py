"""A warehouse, and stand-ins for everybody it writes to."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from regendata import paths
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.warehouse import sign_ups as queue
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.models.tables import load_tables
from sandbox import env
from sandbox.bootstrap import ANALYSTS, FORM, OWNER, WAREHOUSE
from sandbox.layout import Sandbox
from sandbox.upstreams.server import StandIns
from sandbox.upstreams.services import metabase, postmark, x
from tests.support import databases
from tests.support.warehouse import Warehouse

CONNECTIONS = ("METABASE", "POSTMARK", "POSTMARK_WEBHOOK", "X")
EMPTY = (
    b"TRUNCATE sign_ups.inbox, sign_ups.request, sign_ups.bounce, meta.goal_post, meta.metabase_sync, "
    b"meta.check_result, meta.publication, meta.refresh, meta.approval, meta.build, meta.build_input, "
    b"meta.build_relation, meta.relation_diff"
)
#: Every address and name in these tests ends so.
PERSONAL = ("@people.example.org", "Lovelace")


@dataclass(frozen=True)
class Outside:
    """What others got from us.

    :param folder: where the stand-ins keep it.
    """

    warehouse: Warehouse
    stand_ins: StandIns
    folder: Path
    connections: dict[str, dict[str, Any]]

    def kept(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        return list(json.loads(path.read_text())) if path.exists() else []

    @property
    def users(self) -> list[dict[str, Any]]:
        return self.kept(metabase.USERS)

    @property
    def syncs(self) -> list[dict[str, Any]]:
        return self.kept(metabase.SYNCS)

    @property
    def mails(self) -> list[dict[str, Any]]:
        return self.kept(postmark.OUTBOX)

    @property
    def posts(self) -> list[dict[str, Any]]:
        return self.kept(x.POSTS)


@pytest.fixture(scope="module")
def one_warehouse(postgres_cluster: Sandbox) -> Iterator[Warehouse]:
    """One for all tests of a file: making one takes longer than most of them."""
    with (
        databases.clone(postgres_cluster, WAREHOUSE, OWNER, [ANALYSTS, FORM]) as name,
        pytest.MonkeyPatch.context() as patch,
    ):
        found = Warehouse(postgres_cluster, name)
        patch.setenv("AIRFLOW_CONN_GRANTS_DB", found.dsn())
        patch.setenv("AIRFLOW_CONN_SIGN_UP_FORM_DB", found.dsn(FORM))
        yield found


@pytest.fixture(scope="module")
def sessions(one_warehouse: Warehouse) -> Iterator[tuple[PgConnection, PgConnection]]:
    """As owner, with all tables made; and as the form."""
    with connect() as conn:
        queue.prepare(conn)
        ensure_meta(conn, load_tables(paths.TABLES))
        with connect("sign_up_form_db") as form:
            yield conn, form


@pytest.fixture
def conn(sessions: tuple[PgConnection, PgConnection]) -> PgConnection:
    """The owner's session; every table is empty."""
    sessions[0].execute(EMPTY)
    return sessions[0]


@pytest.fixture
def form(sessions: tuple[PgConnection, PgConnection], conn: PgConnection) -> PgConnection:
    """The form's session."""
    return sessions[1]


@pytest.fixture
def outside(
    one_warehouse: Warehouse,
    stand_ins: StandIns,
    stand_ins_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Outside:
    """The stand-ins and their connections."""
    known = env.connections(stand_ins_sandbox)
    for name in CONNECTIONS:
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", known[name])
    connections = {name: json.loads(known[name]) for name in CONNECTIONS}
    return Outside(one_warehouse, stand_ins, stand_ins_sandbox.upstreams, connections)


@pytest.fixture(autouse=True)
def _nobody_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever these tests do: no log of any library, at any level, holds a name or an address."""
    caplog.set_level(logging.DEBUG)
    yield
    told = "\n".join(
        f"{record.name} {record.getMessage()} {record.exc_text or ''}"
        for when in ("setup", "call")
        for record in caplog.get_records(when)
    )
    assert [one for one in PERSONAL if one in told] == []
