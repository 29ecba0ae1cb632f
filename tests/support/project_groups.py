"""A warehouse with the relations that project groups are made of, and what the daily task does with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from regendata import settings
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.landing import project_groups
from regendata.models.project import Project, load_project
from regendata.models.relation import Relation
from sandbox.refresh import Refreshed, build_views
from tests.support.small_project import PATIENT
from tests.support.warehouse import Warehouse

PROJECT = load_project("grants_daily")
MODELS = {name: model for name, model in PROJECT.models.items() if name.name.startswith("project_")}
OURS: Project = replace(PROJECT, models=MODELS)
PAYOUT = "0x" + "Ab" * 20


class Groups:
    """A warehouse with the relations that groups are made of, as tables to fill."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.runs = 0
        with connect() as conn:
            ensure_meta(conn, PROJECT.tables)
        for name in ("cgrantsGrants", "cgrantsContributions", "manual_project_links"):
            warehouse.do(PROJECT.tables[Relation("public", name)].body)
        applications = PROJECT.tables[Relation("landing", "indexer_applications")]
        warehouse.do(applications.body.replace("landing.indexer_applications", "public.applications"))

    def add(self, project_id: str, title: str | None = None, **given: Any) -> None:
        """An application; two with the same title share payout address and website as well.

        :param given: `created_at` in milliseconds, `applied_at`, `usd`, or values of the project's metadata.
        """
        same = {"website": f"https://{title}.org/"} if title else {}
        project = {"title": title, **same, "createdAt": given.pop("created_at", None)}
        row = {
            "id": str(len(self.warehouse.rows("SELECT FROM public.applications"))),
            "chain_id": given.pop("chain_id", 10),
            "round_id": "1",
            "project_id": project_id,
            "total_amount_donated_in_usd": given.pop("usd", 1),
            "status_snapshots": Jsonb([{"status": "PENDING", "updatedAt": given.pop("applied_at", None)}]),
            "metadata": Jsonb(
                {"application": {"recipient": PAYOUT if title else "", "project": project | given}}
            ),
        }
        self.insert("public.applications", row)

    def insert(self, relation: str, row: dict[str, Any]) -> None:
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(*Relation.parse(relation)),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join([sql.Placeholder()] * len(row)),
        )
        with self.warehouse.connect() as connection:
            connection.execute(statement, list(row.values()))

    def link(self, one: str, other: str) -> None:
        self.insert("public.manual_project_links", {"project_id_1": one, "project_id_2": other})

    def unlink(self) -> None:
        self.warehouse.do("DELETE FROM public.manual_project_links")

    def run(self) -> dict[str, Any]:
        """What the daily task does."""
        self.runs += 1
        return project_groups.land(PROJECT, f"run {self.runs}", settings.load())

    def ids(self) -> dict[str, str]:
        """Group id per project, as landed."""
        return dict(
            self.warehouse.rows("SELECT project_id, group_id FROM landing.project_group_members")  # type: ignore[arg-type]
        )

    def history(self) -> list[tuple[Any, ...]]:
        return self.warehouse.rows(
            "SELECT kind, from_group_id, to_group_id, project_count, reason, run_id "
            "FROM meta.project_group_history ORDER BY event_id"
        )

    def state(self) -> tuple[list[tuple[Any, ...]], ...]:
        """All that is kept of groups, times included."""
        tables = ("project_group", "project_group_member", "project_group_history")
        return tuple(self.warehouse.rows(f"SELECT * FROM meta.{table} ORDER BY 1, 2") for table in tables)

    def publish(self) -> None:
        """Build, check and publish the models of project groups."""
        with connect() as conn:
            opened = builds.open_build(conn, OURS, "run")
        build_views(OURS, opened.build_id, Refreshed())
        with connect() as conn:
            builds.publish(conn, opened.build_id, PATIENT)
