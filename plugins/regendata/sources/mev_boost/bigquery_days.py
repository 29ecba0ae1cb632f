"""Statements for BigQuery about what is derived of the rows: statistics of days, and views for readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from string import Template

from regendata import paths
from regendata.coverage.slots import as_moment
from regendata.models import files
from regendata.sources.mev_boost.bigquery_sql import BLOCKS_AROUND, Parameter, Statement
from regendata.sources.mev_boost.days import DAY_TABLES, SIGNATURES, day_columns, day_step
from regendata.sources.mev_boost.rows import Endpoint
from regendata.sources.mev_boost.schema import ENDPOINTS, FIELDS

#: Slots that the table of the website and the public data set go back, as the views of Postgres have it.
LAST_DAY_SLOTS, PUBLIC_SLOTS = 7_200, 28 * 7_200
_PUBLIC = "public_"

#: What the steps of a day read. The table of blocks has extra data in hexadecimal digits: what of it is text
#: is kept, as where blocks are landed.
_ROWS: Mapping[str, str] = {
    "wanted_day": "SELECT @day AS day",
    "day_payloads": """
  SELECT
    *, if(length(value) <= 24, safe_cast(value AS NUMERIC(38, 9)), NULL) AS summed_value
  FROM `$payloads`
  WHERE day = @day
""",
    "day_bids": "SELECT * FROM `$bids` WHERE day = @day",
    "day_blocks": r"""
  SELECT
    number,
    `hash`,
    regexp_replace(
      safe_convert_bytes_to_string(from_hex(substr(extra_data, 3))),
      r'[\pC\p{Zl}\p{Zp}\x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}\x{fffd}]', ''
    ) AS extra_data
  FROM `$blocks`
  WHERE timestamp BETWEEN @blocks_from AND @blocks_until
""",
}

#: The public data set: columns as they are, and the day, by which a filter reads less.
_PUBLIC_ROWS = Template("""SELECT day, $columns
FROM `$rows`
WHERE day >= DATE '$first_day' AND slot >= $first_slot
""")

_REPLACE_DAY = Template("""MERGE `$target` AS stored
USING (
WITH $rows
SELECT $columns FROM (
$step
)
) AS computed
ON FALSE
WHEN NOT MATCHED THEN
  INSERT ($columns, computed_at)
  VALUES ($columns, CURRENT_TIMESTAMP())
WHEN NOT MATCHED BY SOURCE AND stored.day = @day THEN
  DELETE
""")

_REPLACE_SIGNATURES = Template("""MERGE `$target` AS stored
USING (
  SELECT
    signature,
    builder_name
  FROM UNNEST(@signatures) AS signature WITH OFFSET AS number
  INNER JOIN UNNEST(@builder_names) AS builder_name WITH OFFSET AS named ON number = named
) AS kept
ON FALSE
WHEN NOT MATCHED THEN
  INSERT (signature, builder_name)
  VALUES (signature, builder_name)
WHEN NOT MATCHED BY SOURCE THEN
  DELETE
""")


@dataclass(frozen=True)
class Dataset:
    """Where tables and views stand.

    :param name: project and dataset.
    :param blocks: full name of the table of canonical blocks.
    """

    name: str
    blocks: str

    def table(self, name: str) -> str:
        """Full name of a table or view; ``public_...`` is in the dataset that everybody may read."""
        if name.startswith(_PUBLIC):
            return f"{self.name}_public.{name.removeprefix(_PUBLIC)}"
        return f"{self.name}.{name}"

    @property
    def placeholders(self) -> dict[str, str]:
        """What files below ``include/bigquery`` call their relations."""
        own = (*ENDPOINTS, *DAY_TABLES, SIGNATURES, "builder_names")
        return {**{name: self.table(name) for name in own}, "blocks": self.blocks}


def replace_day(dataset: Dataset, table: str, day: date) -> Statement:
    """One atomic MERGE: the day's rows go, those computed now come.

    :param table: one of the tables of days.
    """
    step = as_bigquery(day_step(table))
    read = {name: rows for name, rows in _ROWS.items() if name in step}
    sql = _REPLACE_DAY.substitute(
        target=dataset.table(table),
        columns=", ".join(day_columns(table)),
        rows=Template(", ".join(f"{name} AS ({rows})" for name, rows in read.items())).substitute(
            dataset.placeholders
        ),
        step=step,
    )
    parameters: dict[str, Parameter] = {"day": day}
    if "day_blocks" in read:
        midnight = datetime.combine(day, time(), timezone.utc)
        parameters["blocks_from"] = midnight - BLOCKS_AROUND
        parameters["blocks_until"] = midnight + timedelta(days=1) + BLOCKS_AROUND
    return Statement(sql, parameters)


def as_bigquery(step: str) -> str:
    """A SELECT of Postgres as BigQuery has it.

    :raises sqlglot.errors.UnsupportedError: BigQuery has no word for what it says.
    """
    import sqlglot

    (found,) = sqlglot.transpile(
        step, read="postgres", write="bigquery", pretty=True, unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    return found


def replace_signatures(dataset: Dataset, signatures: Mapping[str, str]) -> Statement:
    """One atomic MERGE: what builders sign with, in place of what was known.

    :param signatures: the name each is known by; at least one.
    """
    sql = _REPLACE_SIGNATURES.substitute(target=dataset.table(SIGNATURES))
    return Statement(sql, {"signatures": tuple(signatures), "builder_names": tuple(signatures.values())})


def create_views(dataset: Dataset, until: Mapping[Endpoint, int]) -> Iterator[tuple[str, Statement]]:
    """Name and definition of every view, those first that others read.

    Where a view begins stands in it as a constant: only so BigQuery reads no older days.

    :param until: per endpoint the first slot after all that are stored; 0 without any.
    """
    names = dataset.placeholders | _beginning(until.get("payloads", 0) - LAST_DAY_SLOTS)
    for path in sorted((paths.BIGQUERY / "views").glob("*.sql")):
        body = Template(files.read(path, ("description",)).body).substitute(names)
        yield path.stem, _view(dataset, path.stem, body)
    for endpoint in ENDPOINTS:
        body = _PUBLIC_ROWS.substitute(
            _beginning(until.get(endpoint, 0) - PUBLIC_SLOTS),
            rows=dataset.table(endpoint),
            columns=", ".join(field.name for field in FIELDS[endpoint]),
        )
        yield f"{_PUBLIC}{endpoint}", _view(dataset, f"{_PUBLIC}{endpoint}", body)


def _view(dataset: Dataset, name: str, body: str) -> Statement:
    return Statement(f"CREATE OR REPLACE VIEW `{dataset.table(name)}` AS\n{body}", {})


def _beginning(slot: int) -> dict[str, str]:
    """Where a view begins that goes back so far and no further."""
    return {"first_slot": str(slot), "first_day": f"{as_moment(slot):%Y-%m-%d}"}
