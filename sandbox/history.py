"""A year of refreshes in the meta tables of a scratch warehouse: what pages read must not grow with it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from psycopg import sql

from regendata import paths
from regendata.coverage.slots import DAY_HOURS, HOUR_SLOTS, slot_at
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import chain_days, coverage
from regendata.hooks.warehouse.coverage import CoverageKey
from regendata.hooks.warehouse.schema import ensure_meta
from regendata.models.relation import Relation
from regendata.models.tables import load_tables
from regendata.sources.mev_boost.relays import IN_SERVICE
from sandbox.bootstrap import ANALYSTS

REFRESHES, RELATIONS = 2_190, 20
#: The last ones of the year.
IN_USE, WAITING = REFRESHES, REFRESHES + 1
KEPT = (REFRESHES, REFRESHES - 4, REFRESHES - 8)

_BUILDS = """
INSERT INTO meta.build (build_id, system, run_id, state, started_at, finished_at, reason, based_on)
OVERRIDING SYSTEM VALUE
SELECT n, 'grants', 'scheduled__' || n,
  CASE WHEN n %% 97 = 0 THEN 'failed' WHEN n %% 4 = %(published)s THEN 'published' ELSE 'unchanged' END,
  begun, begun + interval '90 seconds' + (n %% 60) * interval '1 second',
  CASE WHEN n %% 97 = 0 THEN 'landing.indexer_donations: chain 10 is gone' END, greatest(n - 4, 1)
FROM generate_series(1, %(refreshes)s) AS n
CROSS JOIN LATERAL (SELECT %(now)s::timestamptz - (%(refreshes)s - n) * interval '4 hours') AS at (begun)
"""
_RELATIONS = """
INSERT INTO meta.build_relation (
  build_id, relation, physical, fingerprint, carried_over, row_count, byte_count, amount_usd, seconds,
  built_at
)
SELECT b.build_id, 'public.view_' || r, 'build_' || CASE WHEN r %% 5 = 0 THEN b.build_id ELSE %(oldest)s END
  || '.public__view_' || r, 'f', r %% 5 <> 0, 1000 + b.build_id, 81920, 1.5, 2, b.finished_at
FROM meta.build AS b CROSS JOIN generate_series(1, %(relations)s) AS r WHERE b.state = 'published'
"""
_DIFFS = """
INSERT INTO meta.relation_diff (
  build_id, relation, against_build_id, added_rows, removed_rows, changed_rows, compared_share, seconds
)
SELECT build_id, relation, build_id - 4, 12, 0, 3,
  CASE relation WHEN 'public.view_5' THEN 0.125 ELSE 1 END, 0.1
FROM meta.build_relation WHERE NOT carried_over
"""
_CHECKS = """
INSERT INTO meta.check_result (
  build_id, relation, check_name, severity, verdict, passed, figure, expected, statement
)
SELECT r.build_id, r.relation, name, 'warn', 'passed', true, '1000', 'at least 1', 'SELECT 1'
FROM meta.build_relation AS r CROSS JOIN unnest(ARRAY['min_rows', 'not_null', 'unique']) AS name
"""
_PUBLICATIONS = """
INSERT INTO meta.publication (system, build_id, kind, replaced_build_id, published_at)
SELECT system, build_id, 'publish', nullif(build_id - 4, 0), finished_at FROM meta.build
WHERE state = 'published' ORDER BY build_id
"""
_RECEIPTS = """
INSERT INTO meta.refresh (build_id, system, dag_id, run_id, dag_version, outcome, started_at, finished_at,
  sources, relations, checks)
SELECT build_id, system, 'grants_every_4_hours', run_id, '1', state, started_at, finished_at,
  '[{"source": "indexer", "version": "88", "snapshot_at": "2026-05-01T00:00:00+00:00", "state": "current"}]',
  '[]', '[]' FROM meta.build WHERE state IN ('published', 'unchanged')
"""
_WAITING = """
WITH asked AS (
  INSERT INTO meta.build (build_id, system, run_id, state, based_on) OVERRIDING SYSTEM VALUE
  VALUES (%(waiting)s, 'grants', 'manual__<b>1</b>', 'awaiting_approval', %(refreshes)s) RETURNING build_id
)
INSERT INTO meta.approval (build_id, questions) SELECT build_id,
  '[{"relation": "public.view_1", "check": "max_fall rows", "figure": "-40 %%", "expected": "at most -1 %%"}]'
FROM asked
"""

_ALERT = """
INSERT INTO meta.alert (alert_key, kind, body) VALUES ('late: grants', 'late', 'Nothing for 9 hours.')
"""
#: Two chains of which the second has fallen silent for a day.
_DONATIONS = (
    "CREATE SCHEMA reference",
    "CREATE TABLE reference.chains AS SELECT * FROM (VALUES (10, 'Optimism', false), (1, 'Ethereum', false)) "
    "AS chain (chain_id, name, is_test)",
    "CREATE TABLE {place} AS SELECT chain_id, "
    "current_date - back + time '12:00' AT TIME ZONE 'UTC' AS timestamp "
    "FROM unnest(ARRAY[10, 1]) AS chain_id, generate_series(0, 20) AS back, generate_series(1, 9) "
    "WHERE NOT (chain_id = 1 AND back = 3)",
    "CREATE VIEW public.donations AS SELECT * FROM {place}",
    "INSERT INTO meta.build_relation (build_id, relation, physical, fingerprint, carried_over, row_count) "
    "VALUES ({build}, 'public.donations', {name}, 'f', false, 369)",
    "GRANT USAGE ON SCHEMA reference, public TO {readers}",
    "GRANT SELECT ON reference.chains, public.donations TO {readers}",
)


def write_year(owner: PgConnection, now: datetime | None = None) -> None:
    """Fill the meta tables; the last builds that were in use stand, and one build waits for a person."""
    ensure_meta(owner, load_tables(paths.TABLES))
    facts: dict[str, Any] = {
        "refreshes": REFRESHES,
        "relations": RELATIONS,
        "published": REFRESHES % 4,
        "oldest": KEPT[-1],
        "waiting": WAITING,
        "now": now or datetime.now(timezone.utc),
    }
    for statement in (_BUILDS, _RELATIONS, _DIFFS, _CHECKS, _PUBLICATIONS, _RECEIPTS, _WAITING):
        owner.execute(statement, facts)
    for build in KEPT:
        _stand(owner, build)
    _cover(owner, facts["now"])
    owner.execute(_ALERT)
    place = Relation(f"build_{IN_USE}", "public__donations")
    names = {
        "place": sql.Identifier(*place),
        "name": sql.Literal(str(place)),
        "build": sql.Literal(IN_USE),
        "readers": sql.Identifier(ANALYSTS),
    }
    for statement in _DONATIONS:
        owner.execute(sql.SQL(statement).format(**names))
    chain_days.keep(owner, "grants")
    owner.execute(f"GRANT USAGE ON SCHEMA meta TO {ANALYSTS}")
    owner.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA meta TO {ANALYSTS}")
    for table in ("build", "build_relation", "relation_diff", "check_result", "publication", "refresh"):
        owner.execute(f"ANALYZE meta.{table}")


def _cover(owner: PgConnection, now: datetime) -> None:
    """Relays that were fetched for 70 days, a day of each missing a month ago."""
    head, day = slot_at(now.timestamp()), DAY_HOURS * HOUR_SLOTS
    for name in IN_SERVICE:
        pairs = [(head - 70 * day, head - 31 * day), (head - 30 * day, head)]
        coverage.add(owner, CoverageKey("mev_boost", "bids", name), pairs)


def _stand(owner: PgConnection, build: int) -> None:
    """The relations that a build made; the oldest one also made those that the others carry over."""
    owner.execute(f"CREATE SCHEMA build_{build}")
    made = range(1, RELATIONS + 1) if build == KEPT[-1] else range(5, RELATIONS + 1, 5)
    for number in made:
        owner.execute(f"CREATE TABLE build_{build}.public__view_{number} AS SELECT 1 AS one")
