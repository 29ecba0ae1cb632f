"""Load a static archive once; say so when there is nothing to do."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from regendata.exceptions import ArchiveChanged
from regendata.hooks.postgres import connect
from regendata.hooks.spaces import SpacesHook
from regendata.hooks.warehouse.cuts import landed_tables
from regendata.landing.whole import WholeTable, land_whole
from regendata.models.project import Project
from regendata.models.tables import TableSpec
from regendata.settings import Settings
from regendata.sources.rows import as_csv
from regendata.sources.static_data import PREFIX, SOURCE, SUMS, Archive, read_sums, recorded

_BATCH_ROWS = 20_000
#: The largest value Postgres takes; the csv module stops at 128 KiB, which a JSON document may exceed.
_LARGEST_CELL = 1 << 30


def land(
    archive: Archive, project: Project, run_id: str, settings: Settings, reload: bool = False
) -> dict[str, Any]:
    """Load one archive whose recorded checksum was not loaded yet.

    :param reload: take a checksum that differs from the one loaded before.
    :raises ArchiveChanged: the object does not match its checksum, or the checksum changed since.
    """
    hook = SpacesHook(settings.spaces_bucket)
    path, checksum = recorded(archive, read_sums(hook.read_text(SUMS)))
    spec = project.tables[archive.table]
    loaded = _loaded_checksum(archive)
    if loaded == checksum:
        return {"landed": {}, "unchanged": [str(archive.table)], "checksum": checksum}
    if loaded and not reload:
        raise ArchiveChanged(
            f"{path}: recorded checksum is {checksum[:12]}..., but {loaded[:12]}... was loaded. An archive "
            "does not change; trigger the DAG with reload if it is meant to"
        )
    with hook.download(f"{PREFIX}/{path}") as (file, found):
        if found != checksum:
            raise ArchiveChanged(f"{path}: sha256 is {found[:12]}..., recorded is {checksum[:12]}...")
        table = WholeTable(
            spec, checksum, lambda: read_archive(file, spec), {"object": path, "sha256": checksum}
        )
        return land_whole(f"{SOURCE}/{archive.stem}", checksum[:12], run_id, [table], settings)


def read_archive(path: Path, spec: TableSpec) -> Iterator[bytes]:
    """CSV bytes in the column order of the table, from Parquet or CSV, a batch at a time.

    :raises ArchiveChanged: a column of the table is missing in the file or there twice, a row has too many or
        too few cells, or the file is damaged or not UTF-8.
    """
    if path.suffix == ".parquet":
        yield from _from_parquet(path, spec)
    else:
        yield from _from_csv(path, spec)


def _from_parquet(path: Path, spec: TableSpec) -> Iterator[bytes]:
    import pyarrow.csv
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
    except pyarrow.ArrowInvalid as error:
        raise ArchiveChanged(f"{path.name} is no whole Parquet file: {error}") from error
    _refuse_other_columns(path, spec, file.schema_arrow.names)
    options = pyarrow.csv.WriteOptions(include_header=False)
    for batch in file.iter_batches(_BATCH_ROWS, columns=list(spec.column_names)):
        sink = io.BytesIO()
        pyarrow.csv.write_csv(batch.select(list(spec.column_names)), sink, options)
        yield sink.getvalue()


def _from_csv(path: Path, spec: TableSpec) -> Iterator[bytes]:
    csv.field_size_limit(_LARGEST_CELL)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        try:
            header = next(reader, [])
            _refuse_other_columns(path, spec, header)
            yield from as_csv(_cells(path, spec, header, reader))
        except UnicodeDecodeError as error:
            raise ArchiveChanged(f"{path.name} is not UTF-8 after line {reader.line_num}: {error}") from error


def _cells(
    path: Path, spec: TableSpec, header: list[str], lines: Iterable[list[str]]
) -> Iterator[list[str | None]]:
    positions = [header.index(name) for name in spec.column_names]
    for number, row in enumerate(lines, start=1):
        if len(row) != len(header):
            raise ArchiveChanged(f"{path.name}, row {number}: {len(row)} cells in place of {len(header)}")
        yield [row[position] or None for position in positions]


def _refuse_other_columns(path: Path, spec: TableSpec, names: list[str]) -> None:
    missing = [name for name in spec.column_names if name not in names]
    if missing:
        raise ArchiveChanged(f"{path.name} has no column {', '.join(missing)} for {spec.relation}")
    twice = [name for name in spec.column_names if names.count(name) > 1]
    if twice:
        raise ArchiveChanged(f"{path.name} has the column {', '.join(twice)} twice")


def _loaded_checksum(archive: Archive) -> str | None:
    with connect() as conn:
        landed = landed_tables(conn, f"{SOURCE}/{archive.stem}").get(archive.table)
    return str(landed.details.get("sha256")) if landed else None
