"""`python -m bench.passport_ways WAY FILE...`: bring Passport's scores into the warehouse one way.

Each way has a process of its own, so that its peak of memory is its own. Prints a JSON object: `seconds` from
the first byte read to the last one in the table, imports left out, and `peak_mb` of the whole process.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.memory import MEGABYTE, peak_bytes

#: Stands for a cut: its schema is what loading needs of one.
CUT_ID = 0
TABLE = "bench_passport_obvious"
PIECE = 1 << 20
CHUNK_ROWS = 1_000


def obvious(parquet: Path) -> Callable[[], None]:
    """pandas: the whole file, json_normalize, to_sql with many rows per INSERT."""
    import pandas as pd
    import sqlalchemy

    engine = sqlalchemy.create_engine(os.environ["AIRFLOW_CONN_GRANTS_DB"].replace("://", "+psycopg2://", 1))

    def work() -> None:
        frame = pd.read_parquet(parquet, engine="pyarrow")
        values = pd.json_normalize(frame["value"].apply(json.loads).tolist())
        values.columns = values.columns.str.replace(".", "_").str.lower()
        frame = pd.concat([frame.drop(columns=["value"]), values], axis=1)
        frame = frame.rename(columns={"key_0": "model", "key_1": "address"})
        with engine.begin() as connection:
            frame.to_sql(
                TABLE, connection, if_exists="replace", index=False, method="multi", chunksize=CHUNK_ROWS
            )

    return work


def ours(parquet: Path) -> Callable[[], None]:
    """What the landing does: batches through DuckDB, judged, by COPY into a table of its own."""
    import duckdb  # noqa: F401 - imports are not timed
    import pyarrow.compute
    import pyarrow.csv
    import pyarrow.parquet  # noqa: F401

    from regendata.landing.columns import Tally, csv_of_good_rows, parquet_rows
    from regendata.sources.passport import SCORES, refuse_bad_share

    load = _loading()

    def rows() -> Iterator[bytes]:
        tally = Tally()
        yield from csv_of_good_rows(SCORES, parquet_rows(parquet, SCORES.read), _columns(), tally)
        refuse_bad_share(SCORES, tally.rows, tally.bad, "")

    return lambda: load(rows())


def finish(parquet: Path, finished: Path) -> Callable[[], None]:
    """Write the bytes that `raw` copies."""
    from regendata.landing.columns import Tally, csv_of_good_rows, parquet_rows
    from regendata.sources.passport import SCORES

    def work() -> None:
        with finished.open("wb") as file:
            for piece in csv_of_good_rows(SCORES, parquet_rows(parquet, SCORES.read), _columns(), Tally()):
                file.write(piece)

    return work


def raw(finished: Path) -> Callable[[], None]:
    """The least it could take: COPY of the finished bytes into the same table."""
    load = _loading()

    def pieces() -> Iterator[bytes]:
        with finished.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    return lambda: load(pieces())


def _columns() -> tuple[str, ...]:
    from regendata.models.project import load_project
    from regendata.sources.passport import SCORES

    return load_project("grants_daily").tables[SCORES.table].column_names


def _loading() -> Callable[[Iterator[bytes]], None]:
    from regendata.hooks.postgres import connect
    from regendata.hooks.warehouse import cuts
    from regendata.models.project import load_project
    from regendata.sources.passport import SCORES

    spec = load_project("grants_daily").tables[SCORES.table]

    def load(data: Iterator[bytes]) -> None:
        with connect() as conn:
            cuts.load(conn, CUT_ID, spec, data, cuts.CSV, fingerprint="")

    return load


WAYS: dict[str, Callable[..., Callable[[], None]]] = {
    "obvious": obvious,
    "ours": ours,
    "finish": finish,
    "raw": raw,
}


def main() -> None:
    name, *files = sys.argv[1:]
    work = WAYS[name](*map(Path, files))
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": round(seconds, 3), "peak_mb": round(peak_bytes() / MEGABYTE)}))


if __name__ == "__main__":
    main()
