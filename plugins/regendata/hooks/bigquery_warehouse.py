"""Bids and payloads in BigQuery: load jobs from Cloud Storage, then one MERGE that replaces the hours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from typing import Any

from regendata.coverage.intervals import Pair
from regendata.coverage.slots import DAY_HOURS
from regendata.exceptions import FinalError, SourceUnavailable
from regendata.sources.mev_boost.bigquery_days import (
    Dataset,
    create_views,
    replace_day,
    replace_signatures,
)
from regendata.sources.mev_boost.bigquery_sql import (
    Parameter,
    Statement,
    count_undated,
    replace_hours,
    stale_hours,
)
from regendata.sources.mev_boost.days import DAY_TABLES, SIGNATURES
from regendata.sources.mev_boost.objects import Format, Unit
from regendata.sources.mev_boost.rows import Endpoint
from regendata.sources.mev_boost.schema import ENDPOINTS, bigquery_schema

CONN_ID = "google_cloud_default"
_STAGED_FOR = timedelta(hours=6)
_GIB = 1 << 30
#: BigQuery's name for a query that would have read more than it may.
_LIMIT = "bytesBilledLimitExceeded"


class TooManyBytes(FinalError):
    """A query would have been billed for more bytes than the setting allows; nothing was read or billed."""


@dataclass(frozen=True)
class Job:
    """A job that ran, and what it cost; load jobs are free.

    :param table: what it was about.
    :param hours: that it loaded or looked at.
    """

    job_id: str
    kind: str
    table: str
    hours: int
    bytes_billed: int
    seconds: float


@dataclass(frozen=True)
class Loaded:
    """What loading did.

    :param undated: rows per hour that wait for their block.
    """

    undated: Mapping[Unit, int]
    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class BigQueryWarehouse:
    """One dataset, and one of views that everybody may read.

    :param blocks: table of canonical blocks with number, hash and timestamp, partitioned by the last.
    :param most_gib: what one query may be billed for.
    """

    dataset: str
    location: str
    blocks: str
    most_gib: int
    conn_id: str = CONN_ID

    def replace_hours(self, objects: Mapping[Unit, str], written: Format) -> Loaded:
        """Put the rows of objects in place of those of their hours, all at once.

        :param objects: URI of each hour's object; hours of one endpoint, at least one.
        :raises SourceUnavailable: BigQuery does not answer; the hours are as they were.
        :raises TooManyBytes: see ``most_gib``; the hours are as they were.
        """
        units = sorted(objects, key=str)
        endpoint = units[0].endpoint
        target, staged = self._name(endpoint), self._name(f"staged_{_digest(units)}")
        with _translated(self.dataset):
            load = self._stage(staged, units, [objects[unit] for unit in units], written)
            merge = self._query(replace_hours(target, staged, self.blocks, units))
            count = self._query(count_undated(target, units))
            undated = {(row["relay"], row["hour"]): row["undated"] for row in count.result()}
            self._client.delete_table(staged, not_found_ok=True)
        kinds = {"load": load, "merge": merge, "count": count}
        return Loaded(
            {unit: undated.get((unit.relay, unit.hour), 0) for unit in units},
            tuple(_job(kind, endpoint, job, len(units)) for kind, job in kinds.items()),
        )

    def stale_hours(self, hours: Pair) -> tuple[list[Unit], list[Job]]:
        """Hours with rows that blocks say something else of by now, and what looking cost.

        :param hours: to look at, half-open.
        :raises SourceUnavailable: BigQuery does not answer.
        :raises TooManyBytes: see ``most_gib``.
        """
        found: list[Unit] = []
        jobs: list[Job] = []
        with _translated(self.dataset):
            for endpoint in ENDPOINTS:
                job = self._query(stale_hours(self._name(endpoint), self.blocks, endpoint, hours))
                found += [Unit(endpoint, row["relay"], row["hour"]) for row in job.result()]
                jobs.append(_job("stale", endpoint, job, hours[1] - hours[0]))
        return found, jobs

    def finish_day(self, day: date, signatures: Mapping[str, str]) -> list[Job]:
        """Compute the statistics of a UTC day anew, each table at once; returns what that cost.

        :param signatures: what builders sign with, and the names they are known by.
        :raises SourceUnavailable: BigQuery does not answer; tables done before it hold the new rows.
        :raises TooManyBytes: see ``most_gib``.
        """
        with _translated(self.dataset):
            written = self._query(replace_signatures(self._dataset, signatures))
            jobs = [_job("merge", SIGNATURES, written, DAY_HOURS)]
            for table in DAY_TABLES:
                job = self._query(replace_day(self._dataset, table, day))
                jobs.append(_job("merge", table, job, DAY_HOURS))
        return jobs

    def show(self, until: Mapping[Endpoint, int]) -> None:
        """Bring the views that readers have up to what is stored.

        :param until: per endpoint the first slot after all that are stored.
        :raises SourceUnavailable: BigQuery does not answer; views not reached are as they were.
        """
        with _translated(self.dataset):
            for _, statement in create_views(self._dataset, until):
                self._query(statement)

    def _stage(self, staged: str, units: Sequence[Unit], uris: Sequence[str], written: Format) -> Any:
        """Load objects into a table of their own; one left by a killed run is overwritten."""
        from google.cloud import bigquery

        schema = [
            bigquery.SchemaField.from_api_repr(field)
            for field in bigquery_schema(units[0].endpoint, stored_only=True)
        ]
        # The table outlives a killed run, but not for long.
        table = bigquery.Table(staged, schema=schema)
        table.expires = datetime.now(timezone.utc) + _STAGED_FOR
        self._client.create_table(table, exists_ok=True)
        config = bigquery.LoadJobConfig(
            schema=schema,
            source_format=written.bigquery,
            write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
        )
        job = self._client.load_table_from_uri(list(uris), staged, job_config=config)
        job.result()
        return job

    def _query(self, statement: Statement) -> Any:
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(
            maximum_bytes_billed=self.most_gib * _GIB,
            query_parameters=[_parameter(*one) for one in statement.parameters.items()],
            labels={"system": "mev_boost"},
        )
        job = self._client.query(statement.sql, job_config=config)
        job.result()
        return job

    def _name(self, table: str) -> str:
        return self._dataset.table(table)

    @property
    def _dataset(self) -> Dataset:
        return Dataset(f"{self._client.project}.{self.dataset}", self.blocks)

    @cached_property
    def _client(self) -> Any:
        from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook

        hook = BigQueryHook(gcp_conn_id=self.conn_id, use_legacy_sql=False, location=self.location)
        return hook.get_client(project_id=hook.project_id, location=self.location)


#: A datetime is a date to Python, and none to BigQuery.
_KINDS: Mapping[type, str] = {str: "STRING", date: "DATE", datetime: "TIMESTAMP"}


def _parameter(name: str, value: Parameter) -> Any:
    from google.cloud import bigquery

    if isinstance(value, tuple):
        return bigquery.ArrayQueryParameter(name, _KINDS[type(value[0])], value)
    return bigquery.ScalarQueryParameter(name, _KINDS[type(value)], value)


def _digest(units: Sequence[Unit]) -> str:
    return hashlib.sha256("\n".join(map(str, units)).encode()).hexdigest()[:16]


def _job(kind: str, table: str, job: Any, hours: int) -> Job:
    billed = getattr(job, "total_bytes_billed", None) or 0
    seconds = (job.ended - job.started).total_seconds() if job.ended and job.started else 0.0
    return Job(job.job_id, kind, table, hours, billed, seconds)


@contextmanager
def _translated(dataset: str) -> Iterator[None]:
    """Google's errors as this repository's."""
    from google.api_core.exceptions import GoogleAPIError

    try:
        yield
    except GoogleAPIError as error:
        if _LIMIT in str(error):
            raise TooManyBytes(f"{dataset}: {error}; see REGENDATA_MEV_BIGQUERY_MAX_GIB") from error
        raise SourceUnavailable(f"BigQuery, {dataset}: {error}") from error
