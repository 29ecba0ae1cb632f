"""The two environments of the CDR market, each with a bucket and an Airflow connection of its own."""

from __future__ import annotations

from regendata.exceptions import SettingsError
from regendata.hooks.cdr_bucket import Bucket
from regendata.settings import Settings

TEST, PROD = ENVIRONMENTS = ("test", "prod")


def bucket_of(env: str, settings: Settings) -> Bucket:
    """The bucket of an environment, over the connection ``cdr_market_<env>``.

    :raises SettingsError: there is no such environment.
    """
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook
    from botocore.config import Config

    buckets = {TEST: settings.cdr_test_bucket, PROD: settings.cdr_prod_bucket}
    if env not in buckets:
        raise SettingsError(f"no environment {env!r}; there are {', '.join(ENVIRONMENTS)}")
    # URLs signed the older way are refused by newer regions.
    config = Config(signature_version="s3v4")
    return Bucket(buckets[env], S3Hook(aws_conn_id=f"cdr_market_{env}", config=config).get_conn())
