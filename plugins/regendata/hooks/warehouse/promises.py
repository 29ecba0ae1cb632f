"""Checks across the views of a build: keys that refer from one to another, and what readers were promised."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone

import psycopg
from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import builds, publications
from regendata.hooks.warehouse.checks import refuse_broken, write_results
from regendata.models.checks import ForeignKey, Severity
from regendata.models.contracts import Contract, Probe
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.models.waivers import Waiver, waiver_for
from regendata.publish.checks import keys, promises
from regendata.publish.checks.partitions import Partitions
from regendata.publish.checks.verdict import CheckResult, Finding, Judge, decide
from regendata.publish.plan import PlannedRelation

log = logging.getLogger(__name__)

#: A probe shows that a reader's query runs; it is no place for a report.
PROBE_TIMEOUT_MS = 30_000

#: Verdict of a check (relation, name) when it was last judged, up to a build, and by which statement.
_LAST_VERDICT = """
SELECT verdict, statement FROM meta.check_result
WHERE relation = %s AND check_name = %s AND build_id <= %s ORDER BY build_id DESC LIMIT 1
"""

_Check = tuple[Relation, str, Severity, Judge]


def check_promises(
    conn: PgConnection,
    build_id: int,
    project: Project,
    contracts: Sequence[Contract],
    waivers: Sequence[Waiver] = (),
) -> dict[Relation, list[CheckResult]]:
    """Judge a build as a whole, once every view of it stands. What did not change since is not judged again.

    :raises CheckFailed: a check of severity stop failed.
    """
    build = _Build(conn, builds.planned(conn, build_id), publications.build_in_use(conn, project.system))
    today = datetime.now(timezone.utc).date()
    results: dict[Relation, list[CheckResult]] = {}
    for relation, name, severity, judge in (*build.references(project), *build.contracts(contracts)):
        waiver = waiver_for(waivers, relation, name, today)
        results.setdefault(relation, []).append(decide(name, severity, judge, waiver))
    for relation, found in results.items():
        write_results(conn, build_id, relation, found)
    _tell_of_waivers(conn, build_id, [one for one in waivers if one.relation in project.models], today)
    refuse_broken(results)
    return results


@dataclass(frozen=True)
class _Build:
    """A finished build, and the checks that cross its views.

    :param based_on: the build in use; None before the first.
    """

    conn: PgConnection
    plan: Mapping[Relation, PlannedRelation]
    based_on: int | None

    @property
    def places(self) -> dict[Relation, Relation]:
        return {relation: item.place for relation, item in self.plan.items()}

    def references(self, project: Project) -> Iterator[_Check]:
        """Foreign keys of which at least one side was rebuilt; a table may have changed at any time."""
        for relation, item in self.plan.items():
            rules = project.models[relation].checks if relation in project.models else ()
            for rule in rules:
                if isinstance(rule, ForeignKey) and self._rebuilt([relation, rule.relation]):
                    yield relation, rule.name, rule.severity, self._reference(rule, self._judged(rule, item))

    def _judged(self, rule: ForeignKey, item: PlannedRelation) -> Relation:
        """All rows, or those that came, where the others passed and the other side lost none since."""
        other = self.plan.get(rule.relation)
        if not item.extended or other is None or not (other.carried_over or other.extended):
            return item.place
        return item.new_rows if self._passed(item.relation, rule.name) else item.place

    def _passed(self, relation: Relation, check: str, mark: str = "") -> bool:
        """Whether it passed when it was last judged, by a statement that begins like this."""
        row = self.conn.execute(_LAST_VERDICT, [str(relation), check, self.based_on]).fetchone()
        return row is not None and row[0] == "passed" and row[1].startswith(mark)

    def contracts(self, contracts: Iterable[Contract]) -> Iterator[_Check]:
        """Columns of every rebuilt relation of a contract, and its probes that read one."""
        for contract in contracts:
            for relation in contract.relations:
                if relation in self.plan and self._rebuilt([relation]):
                    yield (
                        relation,
                        f"reader {contract.name}: columns",
                        "stop",
                        self._columns(contract, relation),
                    )
            for probe in contract.probes:
                own = [relation for relation in probe.reads if relation in self.plan]
                if own and self._rebuilt(own) and self._all_there(probe):
                    name = f"reader {contract.name}: {probe.name}"
                    places = self._probed(own[0], name, probe)
                    yield own[0], name, "stop", self._probe(contract, probe, places)

    def _rebuilt(self, relations: Iterable[Relation]) -> bool:
        return any(one not in self.plan or not self.plan[one].carried_over for one in relations)

    def _all_there(self, probe: Probe) -> bool:
        """Relations of another system may not have been published yet."""
        outside = [str(relation) for relation in probe.reads if relation not in self.plan]
        found = self.conn.execute(
            "SELECT count(*) FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NULL", [outside]
        ).fetchone()
        return found == (0,)

    def _reference(self, rule: ForeignKey, place: Relation) -> Judge:
        target = self.places.get(rule.relation, rule.relation)

        def judge(left_out: Partitions) -> Finding:
            query = keys.orphans_statement(rule, place, target, left_out)
            count, samples = self.conn.execute(query).fetchone() or (0, [])
            return keys.orphans_finding(rule, count, query.as_string(self.conn), tuple(samples))

        return judge

    def _columns(self, contract: Contract, relation: Relation) -> Judge:
        query = promises.columns_statement(self.places[relation])
        found = dict(self.conn.execute(query).fetchall())
        statement = query.as_string(self.conn)
        return lambda left_out: promises.judge_columns(contract, relation, found, statement)

    def _probed(self, relation: Relation, check: str, probe: Probe) -> Mapping[Relation, Relation]:
        """All rows; or of the one relation that moved those that came, if the query ran on the others before.

        :param relation: under which the probe's results are kept.
        """
        items = [self.plan.get(one) for one in probe.reads]
        moved = [item for item in items if item is None or not item.carried_over]
        one = moved[0] if len(moved) == 1 else None
        if one and one.extended and self._passed(relation, check, promises.mark(probe)):
            return {**self.places, one.relation: one.new_rows}
        return self.places

    def _probe(self, contract: Contract, probe: Probe, places: Mapping[Relation, Relation]) -> Judge:
        query = promises.probe_statement(probe, places)
        statement = query.as_string(self.conn)
        return lambda left_out: promises.judge_probe(contract, *_run(self.conn, query), statement)


def _run(conn: PgConnection, query: sql.Composed) -> tuple[str | None, int]:
    """The server's complaint, if any, and the number of rows; whatever the query does is undone."""
    try:
        with conn.transaction(force_rollback=True):
            conn.execute("SET TRANSACTION READ ONLY")
            conn.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(sql.Literal(PROBE_TIMEOUT_MS)))
            return None, len(conn.execute(query).fetchall())
    except psycopg.Error as error:
        return error.diag.message_primary or type(error).__name__, 0


def _tell_of_waivers(conn: PgConnection, build_id: int, waivers: Iterable[Waiver], today: date) -> None:
    """A waiver that is over, or that no failing check asks for, is work for whoever wrote it."""
    rows = conn.execute(
        "SELECT relation, check_name FROM meta.check_result WHERE build_id = %s AND waiver IS NOT NULL",
        [build_id],
    ).fetchall()
    used = {(relation, name) for relation, name in rows}
    for waiver in waivers:
        if not waiver.lives(today):
            log.warning("waiver expired: %s", waiver)
        elif (str(waiver.relation), waiver.check) not in used:
            log.warning("waiver matches no failing check of this build: %s", waiver)
