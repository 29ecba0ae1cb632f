"""Checks one relation of a build, and writes every result down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property, singledispatchmethod

from psycopg import sql

from regendata.exceptions import CheckFailed
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import builds, kept_totals
from regendata.models.checks import (
    ROW_RULES,
    Change,
    ForeignKey,
    Freshness,
    GroupTotals,
    MinRows,
    NeverOlder,
    RowRule,
    Rule,
    Unique,
)
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.models.waivers import Waiver, waiver_for
from regendata.publish.checks import Totals, freshness, keys, rows, scan, totals
from regendata.publish.checks.partitions import Partitions
from regendata.publish.checks.scan import Group
from regendata.publish.checks.verdict import CheckResult, Finding, Judge, breach, decide, shortened
from regendata.publish.plan import PlannedRelation


def check_relation(
    conn: PgConnection, build_id: int, system: str, model: ModelSpec, waivers: Sequence[Waiver] = ()
) -> list[CheckResult]:
    """Judge one built relation by itself and against what is published; a carried-over one was judged then.

    What stores nothing has no checks: what it reads has them.

    :raises CheckFailed: a check of severity stop failed; the message names relation, check, figure and the
        first sample of each.
    """
    item = builds.planned(conn, build_id)[model.relation]
    if item.carried_over or model.is_view:
        return []
    published = builds.published_relations(conn, system).get(model.relation)
    found = _Scanned.of(conn, model, item, published.place if published else None)
    found.published_totals = builds.published_totals(conn, system, model.relation)
    results = [
        decide(name, rule.severity, judge, waiver_for(waivers, model.relation, name, _today()))
        for rule in model.checks
        for name, judge in found.judges(rule)
    ]
    results = [*_unique_key(model, found), *results]
    with conn.transaction():
        write_results(conn, build_id, model.relation, results)
        kept_totals.keep(conn, build_id, model.relation, item.place, found.groups)
    refuse_broken({model.relation: results})
    return results


def read_totals(conn: PgConnection, model: ModelSpec, place: Relation) -> Totals:
    """Rows and USD total of one relation."""
    row = conn.execute(scan.totals_statement(model, place)).fetchone()
    return Totals(*row) if row else Totals(0, None)


def write_results(
    conn: PgConnection, build_id: int, relation: Relation, results: Iterable[CheckResult]
) -> None:
    """Replace what an earlier attempt wrote about these checks."""
    with conn.transaction(), conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO meta.check_result (build_id, relation, check_name, severity, verdict, passed, "
            "figure, expected, statement, samples, waiver) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (build_id, relation, check_name) DO UPDATE SET severity = excluded.severity, "
            "verdict = excluded.verdict, passed = excluded.passed, figure = excluded.figure, "
            "expected = excluded.expected, statement = excluded.statement, samples = excluded.samples, "
            "waiver = excluded.waiver, checked_at = clock_timestamp()",
            [(build_id, str(relation), *_row(result)) for result in results],
        )


def refuse_broken(results: Mapping[Relation, Iterable[CheckResult]]) -> None:
    """:raises CheckFailed: naming every check that stops the run."""
    broken = [breach(name, one) for name, found in results.items() for one in found if one.stops]
    if broken:
        raise CheckFailed("; ".join(broken))


def _row(result: CheckResult) -> tuple[object, ...]:
    found = result.finding
    samples = json.dumps([shortened(sample) for sample in found.samples], default=str)
    waiver = json.dumps(result.waiver.facts(), default=str) if result.waiver else None
    verdict = result.severity, result.verdict, result.verdict != "failed"
    return result.name, *verdict, found.figure, found.expected, found.statement, samples, waiver


def _today() -> date:
    return datetime.now(timezone.utc).date()


def _unique_key(model: ModelSpec, found: _Scanned) -> list[CheckResult]:
    """The unique index stands, or the build would have failed naming the key."""
    if not model.unique_key:
        return []
    finding = Finding(True, "unique", "unique", found.totals_statement)
    return [CheckResult(f"unique {', '.join(model.unique_key)}", "stop", "passed", finding)]


@dataclass
class _Scanned:
    """One relation after its scan, and how each rule about it is judged.

    :param scanned: what was read of it: all, or the rows it was extended by where the others passed then.
    :param before: groups as published, by the text of their key.
    """

    conn: PgConnection
    model: ModelSpec
    place: Relation
    scanned: Relation
    statement: str
    groups: list[Group]
    before: Mapping[str, Group]
    published_totals: Totals | None = None

    @classmethod
    def of(
        cls, conn: PgConnection, model: ModelSpec, item: PlannedRelation, published: Relation | None
    ) -> _Scanned:
        before = kept_totals.groups_of(conn, model, published) if published else {}
        others = _others(conn, model, item, published, before)
        scanned = item.place if others is None else item.new_rows
        query = scan.scan_statement(model, scanned)
        groups = scan.read_groups(conn.execute(query).fetchall())
        if others is not None:
            groups = scan.added_up(model, [*others, *groups])
        return cls(conn, model, item.place, scanned, query.as_string(conn), groups, before)

    @cached_property
    def whole(self) -> Group:
        """Figures of the relation."""
        return scan.whole(self.groups)

    @property
    def totals_statement(self) -> str:
        return scan.totals_statement(self.model, self.place).as_string(self.conn)

    @singledispatchmethod
    def judges(self, rule: Rule) -> list[tuple[str, Judge]]:
        """Name and judge of each result a rule gives."""
        return [(rule.name, self._judge_rows(rule))] if isinstance(rule, ROW_RULES) else []

    @judges.register
    def _(self, rule: MinRows) -> list[tuple[str, Judge]]:
        count = self.whole.rows
        figures = f"{count}", f"at least {rule.at_least}", self.totals_statement
        return [(rule.name, lambda left_out: Finding(count >= rule.at_least, *figures))]

    @judges.register
    def _(self, rule: Change) -> list[tuple[str, Judge]]:
        if self.published_totals is None:
            return []
        now, before = self.whole, self.published_totals
        pairs: list[tuple[totals.Measure, float, float]] = [("rows", now.rows, before.rows)]
        if now.amount is not None and before.amount_usd is not None:
            pairs.append(("usd", now.amount, before.amount_usd))
        return [(f"{rule.name} {pair[0]}", self._judge_change(rule, *pair)) for pair in pairs]

    @judges.register
    def _(self, rule: GroupTotals) -> list[tuple[str, Judge]]:
        now = scan.rolled_up(self._settled(), rule.by)
        before = scan.rolled_up(self.before.values(), rule.by)
        return [
            (rule.name, lambda left_out: totals.judge_groups(rule, now, before, left_out, self.statement))
        ]

    @judges.register
    def _(self, rule: NeverOlder) -> list[tuple[str, Judge]]:
        now = scan.rolled_up(self.groups, rule.by)
        before = scan.rolled_up(self.before.values(), rule.by)
        return [
            (rule.name, lambda left_out: totals.judge_newest(rule, now, before, left_out, self.statement))
        ]

    @judges.register
    def _(self, rule: Freshness) -> list[tuple[str, Judge]]:
        query = freshness.quiet_statement(rule, self.place, str(self.model.timestamp))
        found: list[freshness.Quiet] = []
        if self._lives(rule):
            found = [freshness.Quiet(*row) for row in self.conn.execute(query).fetchall()]
        statement = query.as_string(self.conn)
        return [(rule.name, lambda left_out: freshness.judge_quiet(rule, found, left_out, statement))]

    @judges.register
    def _(self, rule: Unique) -> list[tuple[str, Judge]]:
        def judge(left_out: Partitions) -> Finding:
            query = keys.duplicates_statement(rule, self.place, left_out)
            count, samples = self.conn.execute(query).fetchone() or (0, [])
            return keys.duplicates_finding(count, query.as_string(self.conn), tuple(samples))

        return [(rule.name, judge)]

    @judges.register
    def _(self, rule: ForeignKey) -> list[tuple[str, Judge]]:
        # Judged once the whole build stands: the other side may be built later.
        return []

    def _judge_change(self, rule: Change, measure: totals.Measure, now: float, before: float) -> Judge:
        return lambda left_out: totals.judge_change(rule, measure, now, before, self.totals_statement)

    def _judge_rows(self, rule: RowRule) -> Judge:
        """The scan tells whether any rule is broken; which one is counted only then."""

        def judge(left_out: Partitions) -> Finding:
            counted = rows.count_statement(self.place, rule, left_out)
            broken = _scalar(self.conn, counted) if self.whole.broken else 0
            query = rows.samples_statement(self.model, self.place, rule, left_out)
            found = self.conn.execute(query).fetchall() if broken else []
            return rows.finding(rule, broken, counted.as_string(self.conn), tuple(one for (one,) in found))

        return judge

    def _settled(self) -> list[Group]:
        """Groups without what happened since they were published."""
        grown = scan.grown(self.groups, self.before) if self.model.timestamp else []
        if not grown:
            return self.groups
        query = scan.settled_statement(self.model, self.scanned, grown)
        settled = scan.read_groups(self.conn.execute(query).fetchall())
        if self.scanned != self.place:
            settled = scan.added_up(self.model, [*grown, *settled])
        found = {scan.key_text(one.key): one for one in settled}
        return [found.get(scan.key_text(group.key), group) for group in self.groups]

    def _lives(self, rule: Freshness) -> bool:
        """Without a row in the days that count, there is nothing to look at."""
        newest = self.whole.newest
        return newest is not None and newest > datetime.now(timezone.utc) - timedelta(days=rule.days)


def _others(
    conn: PgConnection,
    model: ModelSpec,
    item: PlannedRelation,
    published: Relation | None,
    before: Mapping[str, Group],
) -> list[Group] | None:
    """Groups of the rows that are as they were and passed then; None when every row has to be judged."""
    if published is None or not kept_totals.judged_well(conn, published, before):
        return None
    if item.extended:
        return list(before.values())
    # The newest of what is left is not known without reading it.
    if not item.merged or model.timestamp:
        return None
    base = kept_totals.groups_of(conn, model, item.parts[0])
    query = scan.replaced_statement(model, item.parts[0], item.new_rows)
    return [*base.values(), *scan.without(scan.read_groups(conn.execute(query).fetchall()))] if base else None


def _scalar(conn: PgConnection, query: sql.Composed) -> int:
    row = conn.execute(query).fetchone()
    return int(row[0]) if row else 0
