"""A project of four small models, and its refresh: land rows given in the test, build, check, publish."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from regendata import paths
from regendata.hooks.postgres import connect
from regendata.hooks.warehouse import builds, cuts, retention
from regendata.hooks.warehouse.facades import LockPolicy, Switched
from regendata.hooks.warehouse.rollback import Rollback, roll_back
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.landing.whole import WholeTable, land_whole
from regendata.models.project import Project, read_project
from regendata.models.relation import Relation
from regendata.settings import Settings
from regendata.sources.rows import as_csv, fingerprint
from sandbox.refresh import Refreshed, build_views

SYSTEM = "small"
PATIENT = LockPolicy(wait_ms=120, deadline_s=30)
FAST = Settings(build_work_mem="4MB", build_maintenance_work_mem="4MB", publish_deadline_s=20)
Rows = Sequence[Sequence[object]]

TABLES = {
    "landing.gifts": "id integer, chain_id integer, giver text, amount real",
    "reference.names": "chain_id integer, name text",
}
MODELS = {
    "public.gifts": """/*
description: Every gift.
unique_key: [id]
indexes: [[chain_id]]
amount: amount
grows: {with: landing.gifts, together: [id]}
columns: {id: "Number of the gift."}
checks: {min_rows: 1, not_null: [id, giver], max_fall_pct: 10}
*/
SELECT gift.id, gift.chain_id, gift.giver, gift.amount FROM landing.gifts AS gift
""",
    "public.chain_names": """/*
description: Names of chains.
unique_key: [chain_id]
*/
SELECT named.chain_id, named.name FROM reference.names AS named
""",
    "public.named_gifts": """/*
description: Gifts with the name of their chain.
amount: amount
grows: {with: public.gifts, together: [id]}
*/
SELECT gift.id, gift.amount, named.name
FROM public.gifts AS gift INNER JOIN public.chain_names AS named ON gift.chain_id = named.chain_id
""",
    "views.givers": """/*
description: What each giver gave.
unique_key: [giver]
*/
SELECT gift.giver, count(*) AS gifts FROM public.gifts AS gift GROUP BY gift.giver
""",
}
GIFTS: Rows = [(1, 10, "ann", 5.0), (2, 10, "bob", 7.5), (3, 1, "ann", 1.25)]
NAMES: Rows = [(1, "Ethereum"), (10, "Optimism")]


@dataclass(frozen=True)
class SmallProject:
    """The model and table files in a folder of the test, and what a refresh does with them."""

    folder: Path
    settings: Settings = FAST

    @classmethod
    def create(cls, folder: Path) -> SmallProject:
        """Write the files, the engine's own meta tables beside them."""
        shutil.copytree(paths.TABLES / "meta", folder / "tables" / "meta")
        project = cls(folder)
        for name, columns in TABLES.items():
            project.table(name, columns)
        for name, text in MODELS.items():
            project.model(name, text)
        return project

    def table(self, name: str, columns: str) -> None:
        """Write one table file."""
        text = f"/*\ndescription: Test.\n*/\nCREATE TABLE {name} ({columns});\n"
        self._write("tables", name, text)

    def model(self, name: str, text: str) -> None:
        """Write one model file."""
        self._write("models", name, text)

    def edit(self, name: str, old: str, new: str) -> None:
        """Change the text of one model."""
        path = self._path("models", name)
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise ValueError(f"{name} does not hold {old!r}")
        path.write_text(text.replace(old, new), encoding="utf-8")

    def keeping(self, builds_kept: int) -> SmallProject:
        return replace(self, settings=replace(self.settings, keep_builds=builds_kept))

    def load(self) -> Project:
        """The project as its files stand now."""
        files = sorted(self.folder.rglob("*.sql"))
        return _read(self.folder, tuple((file, file.read_bytes()) for file in files))

    def land(self, gifts: Rows | None = None, names: Rows | None = None) -> None:
        """Land rows of both tables; None leaves a table alone."""
        with connect() as conn:
            ensure_meta(conn, self.load().tables)
        for source, name, rows in (("gifts", "landing.gifts", gifts), ("names", "reference.names", names)):
            if rows is not None:
                self.land_table(source, name, rows)

    def land_table(self, source: str, name: str, rows: Rows) -> Mapping[str, Any]:
        """Land one table as a cut of its own."""
        spec = self.load().tables[Relation.parse(name)]
        table = WholeTable(spec, fingerprint(rows), lambda: as_csv(rows))
        return land_whole(source, None, "test", [table], self.settings)

    def grow(self, gifts: Rows) -> None:
        """Land gifts that came on top of those that are landed; once, however often it is tried."""
        spec = self.load().tables[Relation("landing", "gifts")]
        with connect() as conn:
            onto = cuts.landed_tables(conn, "gifts")[spec.relation]
            if onto.fingerprint.endswith(fingerprint(gifts)):
                return
            known = f"{onto.fingerprint} {fingerprint(gifts)}"
            cut_id = cuts.open_cut(conn, "gifts", None, "test", loads=True)
            landed = cuts.load(conn, cut_id, spec, as_csv(gifts), cuts.CSV, known, onto=onto)
            cuts.close_cut(conn, cut_id, "gifts", [landed], None, PATIENT)

    def build(self, run_id: str = "test", whole: bool = False) -> builds.OpenedBuild:
        """Open a build and fill it, as far as its plan says."""
        project = self.load()
        with connect() as conn:
            opened = builds.open_build(conn, project, run_id, whole=whole)
        if not opened.nothing_to_do:
            build_views(project, opened.build_id, Refreshed())
        return opened

    def publish(self, build_id: int, policy: LockPolicy = PATIENT) -> Switched:
        with connect() as conn:
            return builds.publish(conn, build_id, policy)

    def refresh(
        self,
        gifts: Rows | None = None,
        names: Rows | None = None,
        policy: LockPolicy = PATIENT,
        whole: bool = False,
    ) -> builds.OpenedBuild:
        """Land, build, publish (or end as unchanged), drop what is old."""
        self.land(gifts, names)
        opened = self.build(whole=whole)
        if opened.nothing_to_do:
            with connect() as conn:
                builds.close_unchanged(conn, opened)
        else:
            self.publish(opened.build_id, policy)
        self.tidy_up()
        return opened

    def roll_back(self, build_id: int, asks_next: bool = True, run_id: str = "back") -> Switched:
        """What the rollback's form does."""
        asked = Rollback(SYSTEM, build_id, "ann", "amount of gift 1", asks_next, run_id)
        with connect() as conn:
            return roll_back(conn, asked, PATIENT)

    def tidy_up(self) -> None:
        """What the last task of a run does."""
        with connect() as conn:
            retention.give_up_open_builds(conn, SYSTEM, "the run failed")
            retention.drop_old(conn, SYSTEM, self.settings.keep_builds)

    def _write(self, kind: str, name: str, text: str) -> None:
        path = self._path(kind, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _path(self, kind: str, name: str) -> Path:
        schema, table = name.split(".")
        return self.folder / kind / schema / f"{table}.sql"


@lru_cache(maxsize=32)
def _read(folder: Path, _content: tuple[tuple[Path, bytes], ...]) -> Project:
    """Reading is a third of a small refresh; files that did not change are read once."""
    return read_project(SYSTEM, folder / "models", folder / "tables")
