"""What an operator may change: environment variables ``REGENDATA_<NAME>``, each with its default here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from regendata.exceptions import SettingsError

PREFIX = "REGENDATA_"
#: Smallest value where it is not 0. Without a kept build nothing would be left to read.
_LEAST = {
    "backup_keep_daily": 1,
    "keep_builds": 1,
    "placeholder_projects": 2,
    "publish_lock_ms": 1,
    "rollback_lock_ms": 1,
    "token_batch_hours": 1,
    "token_connections": 1,
    "coinmarketcap_coins": 1,
    "approval_poll_s": 1,
    "diff_limit_s": 1,
    "mev_bigquery_max_gib": 1,
    "mev_look_back_hours": 1,
    "mev_repair_hours": 1,
    "mev_round_s": 1,
    "goal_usd": 1,
    "sign_up_batch": 1,
    "sign_up_per_hour": 1,
    "export_kept": 1,
    "public_api_burst": 1,
    "public_api_sessions": 1,
    "public_api_statement_ms": 1,
}
#: Largest value where there is one. Airflow ends a run after a day, whoever it waits for.
_MOST = {"approval_limit_s": 72_000}


@dataclass(frozen=True)
class Settings:
    """All settings. Durations carry their unit in the name."""

    #: Published builds kept for going back, the current one included.
    keep_builds: int = 3
    #: How long readers may queue behind one attempt to publish, at most: the first ones are short.
    publish_lock_ms: int = 120
    #: The same for a rollback: wrong data is worse than a moment's wait. After deadlock_timeout (1 s)
    #: Postgres would end a reader who waits for one view while the rollback waits for another that he reads.
    rollback_lock_ms: int = 800
    #: For how long publishing and rolling back keep trying to get their locks.
    publish_deadline_s: int = 600
    #: How many times in a row what only gained rows is extended by them, tables and views alike, before it is
    #: made anew as a whole; 0 makes everything that changed anew, always.
    increments: int = 42
    #: Memory of one sort while building a view (a hash may take four times as much), and of one index build.
    build_work_mem: str = "256MB"
    build_maintenance_work_mem: str = "512MB"
    #: Processes that help one query of a build, and one index build; views are built side by side already.
    build_parallel_workers: int = 0
    build_index_workers: int = 2
    #: For how long a person may think about a build before it counts as rejected, and how often a waiting
    #: build is looked at: a newer one may have taken its place.
    approval_limit_s: int = 43_200
    approval_poll_s: int = 10
    #: What comparing one relation with the published one may take: seconds, and memory of one hash table. A
    #: comparison that takes longer is left out of the diff, not of the build.
    diff_limit_s: int = 120
    diff_work_mem: str = "64MB"
    #: Rows of both builds that are matched one by one. Where more may differ, what changed is estimated from
    #: as many, and said to be; 0 matches them all. Relations compared at a time.
    diff_rows: int = 1_000_000
    diff_workers: int = 2
    #: How often the advertised version is asked for: by the schedule's watcher, and by a task that waits.
    version_watch_s: int = 60
    version_poll_s: int = 15
    #: For how long a task waits for a version before it fails with the last error.
    version_patience_s: int = 600
    #: Oldest Dune result that is still taken.
    dune_max_age_hours: int = 24
    #: Bucket of archives and exports.
    spaces_bucket: str = "regendata"
    #: Where Passport's files stand in it.
    passport_scores_key: str = "passport/model_scores.parquet"
    passport_stamps_key: str = "passport/registry_score.jsonl"
    #: An attribute value that more projects than this share says nothing about who they are.
    placeholder_projects: int = 100
    #: First moment that only the live indexer covers; versions are scored on what came since.
    static_cutoff: str = "2024-08-01T00:00:00+00:00"
    #: Late and corrected rows of tweet counts are looked for so far back in every hourly run; older ones once
    #: a day. After the second of these times a row counts as final.
    token_overlap_hours: int = 48
    token_final_hours: int = 72
    #: Hours of tweet counts that are landed in one transaction.
    token_batch_hours: int = 72
    #: Connections that share a backlog of tweet counts, and the metrics that follow from it.
    token_connections: int = 2
    #: Coins of CoinMarketCap's listing, by rank; each 200 cost a credit.
    coinmarketcap_coins: int = 1_000
    #: How often the carbon removal market is pulled: daily or weekly.
    cdr_cadence: str = "daily"
    #: Buckets of its two environments, and where an operator puts the files that no API delivers.
    cdr_test_bucket: str = "cdr-market-test"
    cdr_prod_bucket: str = "cdr-market-prod"
    cdr_ccn_key: str = "inputs/ccn_data.csv"
    cdr_carbon_pricing_key: str = "inputs/carbon_pricing.xlsx"
    #: CDR.fyi's permission to publish, such as "letter of 2026-03-01"; without it public buckets get nothing.
    cdr_permission_on_file: str = ""
    #: Changes of rows and totals that pass from one published set to the next, in percent.
    cdr_max_fall_pct: int = 1
    cdr_max_rise_pct: int = 50
    cdr_max_group_fall_pct: int = 10
    #: For how long a task waits for room in CDR.fyi's limits before it gives up.
    cdr_patience_s: int = 900
    #: Relays of MEV-Boost: one address that all of them are reached below in place of their own hosts, and
    #: one budget in place of each one's (0 for none): both for rehearsals.
    mev_relays_url: str = ""
    mev_requests_per_s: int = 0
    #: Hours that the hourly run looks back for gaps, and the repair; seconds that a round of fetching may
    #: last; executor that a backload may choose beside the usual one, with the file of its pods.
    mev_look_back_hours: int = 6
    mev_repair_hours: int = 168
    mev_round_s: int = 2_400
    mev_executor: str = ""
    mev_pod_template: str = "infra/helm/mev_boost/pod_template.yaml"
    #: Where bids and payloads of MEV-Boost go first: s3 (any S3, such as Spaces) or gcs, with bucket and
    #: first part of every key; written as parquet or ndjson.
    mev_objects: str = "s3"
    mev_bucket: str = "regendata"
    mev_prefix: str = "mev_boost"
    mev_format: str = "parquet"
    #: Where they are loaded then: postgres (the warehouse) or bigquery, with dataset, location, table of
    #: canonical blocks, and what one query may be billed for.
    mev_warehouse: str = "postgres"
    mev_bigquery_dataset: str = "mev_boost"
    mev_bigquery_location: str = "US"
    mev_bigquery_blocks: str = "bigquery-public-data.crypto_ethereum.blocks"
    mev_bigquery_max_gib: int = 100
    #: Public data sets: first part of their keys in `spaces_bucket`, who may read them (empty where the
    #: bucket decides), their address for people where it is not the bucket's own, manifests kept with their
    #: files, and memory of the sort of one data set.
    export_prefix: str = "public"
    export_acl: str = "public-read"
    export_url: str = ""
    export_kept: int = 30
    export_work_mem: str = "256MB"
    #: Environment whose files the public API hands out, and origins of pages that may ask it.
    public_api_cdr_env: str = "prod"
    public_api_origins: str = (
        "https://www.deepskyclimate.com,https://deepskyclimate.com,https://fr.deepskyclimate.com"
    )
    #: What one client of the public API may ask: requests per minute in the long run (0 for no limit), and at
    #: once. Proxies, comma between two, are believed when they say who the client is.
    public_api_per_minute: int = 600
    public_api_burst: int = 120
    public_api_trusted_proxies: str = "127.0.0.1"
    #: Database sessions of one API process, what one query may take, and memory of kept answers.
    public_api_sessions: int = 4
    public_api_statement_ms: int = 3_000
    public_api_kept_mb: int = 64
    #: The daily post: what is counted, the USD aimed at, and where to see more; oldest refresh it speaks for;
    #: distance from the trend, in percent, at which a person is asked; folder for posts that only go to a
    #: file (below Airflow's unless absolute), and "yes" to have all of them go there.
    goal_name: str = "Allo GMV"
    goal_usd: int = 100_000_000
    goal_link: str = "https://impact.gitcoin.co"
    goal_max_age_hours: int = 12
    goal_off_trend_pct: int = 5
    goal_folder: str = "goal_posts"
    goal_dry_run: str = ""
    #: Sign-ups: taken up in one run; days after which a person has to look at one that does not get through,
    #: and hours after which runs fail by name; days after which name and address are forgotten; sign-ups per
    #: hour from one address; origins of pages whose forms may post; where people log in.
    sign_up_batch: int = 50
    sign_up_patience_days: int = 7
    sign_up_alert_hours: int = 6
    sign_up_keep_days: int = 90
    sign_up_per_hour: int = 10
    sign_up_origins: str = "https://regendata.xyz,https://www.regendata.xyz"
    sign_up_login_url: str = "https://app.regendata.xyz"
    #: Databases that are backed up, by connection, comma between two; the bucket, and for how many days and
    #: weeks that have one the newest backup of each stays.
    backup_connections: str = "grants_db"
    backup_bucket: str = "regendata-backups"
    backup_keep_daily: int = 7
    backup_keep_weekly: int = 5
    #: Folder of pg_dump and pg_restore where they are neither on PATH nor in Debian's folders.
    pg_bin: str = ""
    #: Ways to tell people what is wrong: file, webhook, postmark, smtp; comma between two, none tells nobody.
    alert_channels: str = ""
    #: Who gets mails, comma between two; the file of the channel file (else in AIRFLOW_HOME); the runbook.
    alert_to: str = ""
    alert_file: str = ""
    alert_runbook: str = "docs/alerts.md"
    #: After how many hours something that is still wrong is told again.
    alert_repeat_hours: int = 6
    #: What has to happen again and again, and for how many hours it may not: systems, backup, drill.
    alert_late_hours: str = "grants=9,grants_daily=30,token_metrics=3,cdr_market=30,backup=30,drill=192"
    #: How long a build may wait for a person, numbers may be missing, and how little room a disk may have.
    alert_approval_minutes: int = 30
    alert_hole_hours: int = 6
    alert_disk_free_pct: int = 15
    #: Dead man's switch that is asked at the end of each watch, such as a check of healthchecks.io.
    alert_heartbeat_url: str = ""
    #: 1: Airflow's own deadlines for runs as well. Off in tests: `dag.test()` cannot end such a run.
    alert_deadlines: int = 0

    def backed_up(self) -> tuple[str, ...]:
        """Connections of the databases that are backed up.

        :raises SettingsError: none is named.
        """
        named = tuple(name.strip() for name in self.backup_connections.split(",") if name.strip())
        if not named:
            raise SettingsError(f"{PREFIX}BACKUP_CONNECTIONS must name at least one connection")
        return named


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment, at the moment a task needs them.

    :raises SettingsError: for a number that is none or too small, naming the variable.
    """
    environment = os.environ if environment is None else environment
    given: dict[str, Any] = {}
    for field in fields(Settings):
        text = environment.get(PREFIX + field.name.upper())
        if text:
            given[field.name] = _typed(field.name, text, type(field.default))
    return Settings(**given)


def _typed(name: str, text: str, kind: type) -> str | int:
    if kind is not int:
        return text
    least, most = _LEAST.get(name, 0), _MOST.get(name)
    if not text.strip().isdecimal() or not least <= int(text) <= (most or int(text)):
        limit = "up" if most is None else f"to {most}"
        raise SettingsError(
            f"{PREFIX}{name.upper()} must be a whole number from {least} {limit}, not {text!r}"
        )
    return int(text)
