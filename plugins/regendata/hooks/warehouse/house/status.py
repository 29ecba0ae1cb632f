"""What readers see now: builds in use, relations and their last change, sources, what waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.house.reading import Row, rows, stands
from regendata.models.relation import Relation
from regendata.publish.plan import BUILD_PREFIX

#: Builds among which the last receipts and those that wait for a person are looked for: two weeks of them.
RECENT_BUILDS = 500
#: Publications among which the build in use is looked for.
RECENT_PUBLICATIONS = 2_000
#: Landings that are looked at for the reason of a change.
RECENT_LANDINGS = 400
MOST_ROWS = 200

_IN_USE = """
SELECT s.system, p.build_id, p.kind, p.who, p.why, p.published_at, last.dag_id, last.run_id, last.outcome,
  last.finished_at AS last_success, b.started_at, based.started_at AS before
FROM unnest(%(systems)s::text[]) AS s (system)
LEFT JOIN LATERAL (
  SELECT * FROM meta.publication
  WHERE system = s.system AND publication_id > (SELECT max(publication_id) FROM meta.publication) - %(far)s
  ORDER BY publication_id DESC LIMIT 1
) AS p ON true
LEFT JOIN meta.build AS b ON b.build_id = p.build_id
LEFT JOIN meta.build AS based ON based.build_id = b.based_on
LEFT JOIN LATERAL (
  SELECT dag_id, run_id, outcome, finished_at FROM meta.refresh
  WHERE system = s.system AND build_id > (SELECT max(build_id) FROM meta.build) - %(recent)s
  ORDER BY build_id DESC LIMIT 1
) AS last ON true
ORDER BY s.system
"""
_RELATIONS = """
SELECT b.system, r.relation, r.build_id, r.physical, r.row_count, r.byte_count, r.built_at
FROM meta.build_relation AS r INNER JOIN meta.build AS b ON b.build_id = r.build_id
WHERE r.build_id = ANY(%(builds)s) ORDER BY b.system, r.relation
"""
_DIFFS = """
SELECT d.build_id, d.relation, d.added_rows, d.removed_rows, d.changed_rows, d.compared_share, d.reason
FROM meta.relation_diff AS d WHERE d.build_id = ANY(%(builds)s)
"""
_CHECKS = """
SELECT c.build_id, c.relation, c.check_name, c.severity, c.verdict, c.figure, c.expected, c.waiver
FROM meta.check_result AS c
WHERE c.build_id = ANY(%(builds)s) AND c.verdict IN ('failed', 'waived')
ORDER BY c.verdict, c.relation, c.check_name LIMIT %(most)s
"""
_LANDINGS = """
SELECT relation, row_change, landed_at FROM (
  SELECT relation, row_change, landed_at FROM meta.landing_history ORDER BY cut_id DESC LIMIT %(most)s
) AS recent ORDER BY landed_at DESC
"""
_QUESTIONS = """
SELECT b.build_id, b.system, b.run_id, a.asked_at, a.questions
FROM meta.build AS b INNER JOIN meta.approval AS a ON a.build_id = b.build_id
WHERE b.build_id > (SELECT max(build_id) FROM meta.build) - %(recent)s AND b.state = 'awaiting_approval'
ORDER BY a.asked_at
"""
_SOURCES = """
SELECT t.relation, t.source, t.row_count, t.byte_count, t.landed_at, c.source_version, c.snapshot_at,
  c.finished_at AS looked_at
FROM meta.landed_table AS t INNER JOIN meta.cut AS c ON c.cut_id = t.cut_id
ORDER BY t.source, t.relation LIMIT %(most)s
"""
_QUARANTINE = """
SELECT source, relation, count(*) AS left_out, max(quarantined_at) AS since FROM meta.quarantine
GROUP BY source, relation ORDER BY source, relation LIMIT %(most)s
"""

_ALERTS = """
SELECT alert_key, kind, body, seen, first_seen_at FROM meta.alert
WHERE closed_at IS NULL ORDER BY first_seen_at LIMIT %(most)s
"""


def systems_in_use(conn: PgConnection, systems: Sequence[str]) -> list[Row]:
    """Per system the publication in use and the last receipt; columns are NULL before the first."""
    return rows(
        conn, _IN_USE, {"systems": list(systems), "far": RECENT_PUBLICATIONS, "recent": RECENT_BUILDS}
    )


def relations_in_use(conn: PgConnection, builds: Iterable[int]) -> list[Row]:
    """Relations of the builds in use; ``made_by`` is the build that made the rows they hold."""
    found = rows(conn, _RELATIONS, {"builds": list(builds)})
    return [one | {"made_by": made_by(one["physical"], one["build_id"])} for one in found]


def made_by(physical: str, otherwise: int) -> int:
    """The build whose schema a relation stands in; a carried-over one stands in an older build's."""
    number = Relation.parse(physical).schema.removeprefix(BUILD_PREFIX)
    return int(number) if number.isdecimal() else otherwise


def last_changes(conn: PgConnection, relations: Sequence[Row]) -> dict[str, Row]:
    """Relation -> what changed when its rows were made; absent where nothing was compared."""
    found = rows(conn, _DIFFS, {"builds": _makers(relations)})
    return {one["relation"]: one for one in _made(relations, found)}


def standing_checks(conn: PgConnection, relations: Sequence[Row]) -> list[Row]:
    """Checks that failed or were waived, of the rows that readers see."""
    found = rows(conn, _CHECKS, {"builds": _makers(relations), "most": MOST_ROWS})
    return _made(relations, found)


def recent_landings(conn: PgConnection) -> list[Row]:
    """The last landings of tables, newest first."""
    return rows(conn, _LANDINGS, {"most": RECENT_LANDINGS})


def open_questions(conn: PgConnection) -> list[Row]:
    """Builds that wait for a person, the oldest first."""
    return rows(conn, _QUESTIONS, {"recent": RECENT_BUILDS})


def sources(conn: PgConnection) -> list[Row]:
    """Landed tables as they stand."""
    return rows(conn, _SOURCES, {"most": MOST_ROWS})


def quarantined(conn: PgConnection) -> list[Row]:
    """Rows that the latest run of each source left out."""
    return rows(conn, _QUARANTINE, {"most": MOST_ROWS})


def open_alerts(conn: PgConnection) -> list[Row]:
    """What people were told of and is still wrong, the oldest first."""
    return rows(conn, _ALERTS, {"most": MOST_ROWS}) if stands(conn, "meta.alert") else []


def _makers(relations: Sequence[Row]) -> list[int]:
    return sorted({one["made_by"] for one in relations})


def _made(relations: Sequence[Row], found: Sequence[Row]) -> list[Row]:
    """Rows about relations as the builds made them that readers see; or about a build as a whole."""
    pairs = {(one["made_by"], one["relation"]) for one in relations}
    pairs |= {(one["build_id"], "") for one in relations}
    return [one for one in found if (one["build_id"], one["relation"]) in pairs]
