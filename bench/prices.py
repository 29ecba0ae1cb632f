"""List prices in US dollars that estimates use, each with where and when it stood."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """A list price.

    :param dollars: per ``unit``.
    :param seen: page and year; prices change, so look before you rely on an estimate.
    """

    dollars: float
    unit: str
    seen: str


_BIGQUERY = "cloud.google.com/bigquery/pricing, US, 2025"
_STORAGE = "cloud.google.com/storage/pricing, us-central1, 2025"

BIGQUERY_QUERY = Price(6.25, "TiB read by queries on demand; load jobs are free", _BIGQUERY)
BIGQUERY_STORAGE = Price(0.02, "GiB and month, active and logical", _BIGQUERY)
GCS_STORAGE = Price(0.020, "GB and month, standard", _STORAGE)
GCS_WRITE = Price(0.005 / 1_000, "object written (class A operation)", _STORAGE)
SPACES_STORAGE = Price(0.02, "GiB and month beyond the first 250", "docs.digitalocean.com, Spaces, 2025")

ALL = {
    "BigQuery, queries": BIGQUERY_QUERY,
    "BigQuery, storage": BIGQUERY_STORAGE,
    "Cloud Storage": GCS_STORAGE,
    "Cloud Storage, writes": GCS_WRITE,
    "Spaces": SPACES_STORAGE,
}
