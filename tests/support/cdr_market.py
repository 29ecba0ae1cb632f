"""The carbon removal market under test: upstreams, buckets, warehouse, and a day of the DAG."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regendata import settings
from regendata.hooks.cdr_bucket import Bucket
from regendata.hooks.cdr_environments import bucket_of
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse.cdr_market import ensure_kept_tables
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.landing.cdr import inputs, publish, pull, stage
from regendata.models.project import Project, load_project
from sandbox import objects
from sandbox.generator.cdr_market import FILE, write_market
from sandbox.layout import CDR_BUCKETS, Sandbox
from sandbox.upstreams.server import StandIns
from tests.support.warehouse import Warehouse

DAG_ID = "cdr_market_daily"
Order = dict[str, Any]


@dataclass(frozen=True)
class Market:
    """Everything a run of the market touches.

    :param upstreams: sandbox whose folder the stand-ins serve.
    :param spaces: sandbox of the S3 server.
    """

    warehouse: Warehouse
    upstreams: Sandbox
    spaces: Sandbox
    stand_ins: StandIns
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def fill(self, data: Path | None = None) -> None:
        """Upstreams, generated or of real proposals, and an operator's files in the test bucket."""
        write_market(self.upstreams.upstreams / FILE, self.spaces.cdr_inputs, data)
        objects.upload_folder(self.spaces, self.spaces.cdr_inputs, "inputs/", CDR_BUCKETS["test"])

    @property
    def project(self) -> Project:
        project = load_project("cdr_market")
        with connect() as conn:
            ensure_meta(conn, project.tables)
            ensure_kept_tables(conn, project)
        return project

    def bucket(self, env: str = "test") -> Bucket:
        """One client for all, as making one takes half a second."""
        if env not in self.buckets:
            self.buckets[env] = bucket_of(env, settings.load())
        return self.buckets[env]

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """What cdr.fyi serves now."""
        return dict(self._content()["tables"])

    def change(self, how: Callable[[list[Order]], None]) -> None:
        """Change the orders that cdr.fyi serves."""
        content = self._content()
        how(content["tables"]["orders"])
        self.serve(content)

    def serve(self, content: dict[str, Any]) -> None:
        (self.upstreams.upstreams / FILE).write_text(json.dumps(content))

    def _content(self) -> dict[str, Any]:
        return dict(json.loads((self.upstreams.upstreams / FILE).read_text()))

    def pull(self, run_id: str) -> dict[str, Any]:
        return pull.land(self.project, self.bucket(), run_id, settings.load())

    def land_all(self, run_id: str) -> dict[str, Any]:
        """Every source."""
        done = self.pull(run_id)
        for name in ("ccn_companies", "carbon_pricing"):
            inputs.land_input(name, self.project, self.bucket(), run_id, settings.load())
        inputs.land_dollars_spent(self.project, run_id, settings.load())
        return done

    def run(self, run_id: str, accept: bool = False) -> str:
        """A whole day; returns what became of the files."""
        self.land_all(run_id)
        return self.publish(run_id, accept)

    def publish(self, run_id: str, accept: bool = False) -> str:
        """From the landed tables to the files in service."""
        bucket, given = self.bucket(), settings.load()
        stage.stage(bucket, run_id, given.cdr_permission_on_file)
        publish.check(bucket, "test", DAG_ID, run_id, given, accept)
        return publish.publish(bucket, "test", DAG_ID, run_id, given.cdr_permission_on_file)

    def text(self, name: str, env: str = "test") -> str:
        """The published file of a data set."""
        manifest = self.bucket(env).published()
        assert manifest is not None
        content = self.bucket(env).read(manifest.files[name].key)
        assert content is not None
        return content.decode()
