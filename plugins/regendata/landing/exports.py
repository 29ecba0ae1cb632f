"""Public data sets: what changed since the last export goes to the bucket, the manifest last.

A file has the name of its content, so what is uploaded by halves or by a run that dies is seen by nobody; the
next run finds it there, or overwrites it with the same bytes. The manifest is replaced as a whole, and only
then are files removed that no kept manifest names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from regendata import paths
from regendata.exceptions import BadSourceAnswer, SourceUnavailable
from regendata.hooks.export_bucket import ExportBucket
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import exports
from regendata.hooks.warehouse.exports import PublicationFacts, RelationFacts
from regendata.models.spec import ModelSpec
from regendata.publish.exports import manifest as layout
from regendata.publish.exports import page, parquet
from regendata.publish.exports.columns import ExportColumn, copy_statement
from regendata.publish.exports.manifest import ColumnEntry, DataSet, Manifest, Published
from regendata.settings import Settings

log = logging.getLogger(__name__)
JSON_TYPE = "application/json"
HTML_TYPE = "text/html; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Exported:
    """What one export did; ``unchanged`` were there already."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    bytes_uploaded: int
    removed_files: int


def export(
    conn: PgConnection, system: str, models: Sequence[ModelSpec], bucket: ExportBucket, settings: Settings
) -> Exported:
    """Bring the public data sets of a system to what its readers see.

    :raises SourceUnavailable: the bucket cannot be written, or a relation of the build in use is gone.
    """
    with exports.one_at_a_time(conn):
        before = _manifest(bucket)
        shown = exports.publication(conn, system)
        if shown is None or not models:
            log.info("%s: nothing is published yet, or nothing of it goes out", system)
            return Exported((), (), 0, 0)
        run = _Export(conn, system, before, shown, bucket, settings)
        data_sets = run.data_sets(models)
        after = replace(
            before,
            systems={**before.systems, system: _published(shown)},
            data_sets=dict(sorted({**_of_others(before, system), **data_sets}.items())),
        )
        if after == before:
            return Exported((), tuple(data_sets), 0, 0)
        written = tuple(name for name, one in data_sets.items() if one != before.data_sets.get(name))
        removed = _put_in_service(bucket, after, written, settings)
    return Exported(written, tuple(set(data_sets) - set(written)), run.bytes_uploaded, removed)


@dataclass
class _Export:
    """One export of one system."""

    conn: PgConnection
    system: str
    before: Manifest
    shown: PublicationFacts
    bucket: ExportBucket
    settings: Settings
    bytes_uploaded: int = 0

    def data_sets(self, models: Sequence[ModelSpec]) -> dict[str, DataSet]:
        """Every data set as it is now, its file uploaded.

        A rollback can put a build in use that is older than a data set: readers then go on with what was
        published of it before, and so does the bucket.
        """
        names = {str(model.relation): model for model in models}
        facts = exports.relations(self.conn, self.shown.build_id, list(names))
        gone = sorted(name for name, one in facts.items() if not one.stands)
        if gone:
            raise SourceUnavailable(
                f"build {self.shown.build_id} has lost {', '.join(gone)}; the next publish brings it"
            )
        found = {name: self._data_set(name, names[name], one) for name, one in facts.items()}
        found |= {name: self.before.data_sets[name] for name in self._older(names, facts)}
        return {name: found[name] for name in names if name in found}

    def _older(self, names: Iterable[str], facts: Mapping[str, RelationFacts]) -> Iterator[str]:
        """Data sets in service that the build in use never had."""
        for name in names:
            if name not in facts:
                in_service = name in self.before.data_sets
                log.info("build %s is older than %s; in service: %s", self.shown.build_id, name, in_service)
                if in_service:
                    yield name

    def _data_set(self, name: str, model: ModelSpec, facts: RelationFacts) -> DataSet:
        origin = layout.made_from(facts.fingerprint, str(facts.place), parquet.writer_version())
        known = self.before.data_sets.get(name)
        if known is not None and known.made_from == origin and self.bucket.metadata(known.path) is not None:
            return replace(known, **_told(facts))
        columns = exports.columns(self.conn, facts.place)
        with TemporaryDirectory(prefix="regendata-") as folder:
            file = Path(folder) / f"{layout.file_name(name)}.parquet"
            statement = copy_statement(facts.place, columns, model.unique_key)
            with exports.csv_rows(self.conn, statement, self.settings.export_work_mem) as rows:
                written = parquet.write(rows, columns, file)
            path = layout.object_path(name, written.sha256)
            self._upload(path, file, written)
        return DataSet(
            system=self.system,
            description=model.description.strip(),
            path=path,
            latest=layout.latest_path(name),
            rows=written.rows,
            bytes=written.bytes,
            sha256=written.sha256,
            key=model.unique_key,
            columns=_columns(columns, model, written.physical_types),
            built_in=facts.built_in,
            built_at=_utc(facts.built_at),
            made_from=origin,
            **_told(facts),
        )

    def _upload(self, path: str, file: Path, written: parquet.Written) -> None:
        there = self.bucket.metadata(path)
        if there is not None and there["bytes"] == str(written.bytes):
            return
        self.bucket.upload(path, file, written.sha256)
        self.bytes_uploaded += written.bytes


def _put_in_service(
    bucket: ExportBucket, manifest: Manifest, written: Sequence[str], settings: Settings
) -> int:
    """Names that stay, page and verifier, then the manifest; returns the number of files removed."""
    # To the millisecond: manifests are kept under this time, and the newest of a second must come last.
    manifest = replace(manifest, written_at=_utc(datetime.now(timezone.utc), "milliseconds"))
    for name in written:
        data_set = manifest.data_sets[name]
        there = bucket.metadata(data_set.latest)
        if there is None or there.get("sha256") != data_set.sha256:
            bucket.replace(data_set.latest, data_set.path, data_set.sha256)
    url = settings.export_url.rstrip("/") + "/" if settings.export_url else bucket.url()
    bucket.write(layout.VERIFIER, paths.VERIFIER.read_bytes(), TEXT_TYPE)
    bucket.write(layout.PAGE, page.render(manifest, url).encode(), HTML_TYPE)
    bucket.write(manifest.history_path, manifest.to_json(), JSON_TYPE)
    bucket.write(layout.MANIFEST, manifest.to_json(), JSON_TYPE)
    return _remove_old(bucket, manifest, settings.export_kept)


def _remove_old(bucket: ExportBucket, manifest: Manifest, kept: int) -> int:
    """Manifests beyond those kept, and files that neither they nor the one in service name."""
    history = bucket.paths(layout.HISTORY)
    bucket.delete(history[:-kept])
    named = {data_set.path for data_set in manifest.data_sets.values()}
    try:
        for path in history[-kept:]:
            named |= {one.path for one in Manifest.from_json(bucket.read(path) or b"").data_sets.values()}
    except BadSourceAnswer as error:
        log.warning("no file is removed while %s is kept: %s", path, error)
        return 0
    stale = [path for path in bucket.paths(layout.OBJECTS) if path not in named]
    bucket.delete(stale)
    return len(stale)


def _manifest(bucket: ExportBucket) -> Manifest:
    content = bucket.read(layout.MANIFEST)
    return Manifest("") if content is None else Manifest.from_json(content)


def _of_others(manifest: Manifest, system: str) -> dict[str, DataSet]:
    return {name: one for name, one in manifest.data_sets.items() if one.system != system}


def _published(shown: PublicationFacts) -> Published:
    sources = tuple(
        {"source": one["source"], "version": one["version"], "as_of": one["snapshot_at"]}
        for one in shown.sources
    )
    return Published(
        shown.publication, shown.build_id, shown.kind, _utc(shown.published_at), shown.dag_version, sources
    )


def _told(facts: RelationFacts) -> dict[str, Any]:
    """Checks, and the waivers among them once more by themselves."""
    checks = tuple({name: value for name, value in one.items() if name != "waiver"} for one in facts.checks)
    waivers: tuple[Mapping[str, Any], ...] = tuple(
        {"check": one["check"], **one["waiver"]} for one in facts.checks if one["waiver"]
    )
    return {"checks": checks, "waivers": waivers}


def _columns(
    columns: Sequence[ExportColumn], model: ModelSpec, physical: Sequence[str]
) -> tuple[ColumnEntry, ...]:
    described = dict(model.columns)
    return tuple(
        ColumnEntry(column.name, column.type, kind, described.get(column.name, ""))
        for column, kind in zip(columns, physical, strict=True)
    )


def _utc(moment: datetime, timespec: str = "seconds") -> str:
    return moment.astimezone(timezone.utc).isoformat(timespec=timespec).replace("+00:00", "Z")
