"""Groups against their own history: which one is quiet for longer than it ever was?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from psycopg import sql

from regendata.models.checks import Freshness
from regendata.models.relation import Relation
from regendata.publish.checks import partitions
from regendata.publish.checks.partitions import Partition, Partitions
from regendata.publish.checks.verdict import SAMPLES, Finding

_HOUR_S = 3600.0


@dataclass(frozen=True)
class Quiet:
    """How long a group has been quiet, and its longest gap in the days that count, in seconds.

    :param longest_gap_s: None for a group with a single moment in that time.
    """

    key: Partition
    quiet_s: float
    longest_gap_s: float | None


def quiet_statement(rule: Freshness, place: Relation, timestamp: str) -> sql.Composed:
    """Key, seconds since the newest row, longest gap in seconds; of groups that are not dead."""
    columns = sql.SQL(", ").join(map(sql.Identifier, rule.by))
    pairs = [sql.SQL("{}, {}").format(sql.Literal(name), sql.Identifier(name)) for name in rule.by]
    return sql.SQL(
        "SELECT jsonb_build_object({pairs}), extract(epoch FROM statement_timestamp() - max(at))::float8, "
        "extract(epoch FROM max(gap))::float8 FROM ("
        "SELECT {columns}, {timestamp} AS at, {timestamp} - lag({timestamp}) OVER ("
        "PARTITION BY {columns} ORDER BY {timestamp}) AS gap "
        "FROM {place} WHERE {timestamp} > statement_timestamp() - {history}) AS moments "
        "GROUP BY {columns} HAVING max(at) > statement_timestamp() - {alive}"
    ).format(
        pairs=sql.SQL(", ").join(pairs),
        columns=columns,
        timestamp=sql.Identifier(timestamp),
        place=sql.Identifier(*place),
        history=sql.Literal(timedelta(days=2 * rule.days)),
        alive=sql.Literal(timedelta(days=rule.days)),
    )


def judge_quiet(rule: Freshness, found: Iterable[Quiet], left_out: Partitions, statement: str) -> Finding:
    """Every living group; one without a gap has no history to be judged by."""
    judged = [group for group in found if not partitions.holds(left_out, group.key)]
    late = [
        group
        for group in judged
        if group.longest_gap_s is not None and group.quiet_s > _limit_s(rule, group.longest_gap_s)
    ]
    texts = [
        f"{partitions.shown(group.key)}: quiet for {group.quiet_s / _HOUR_S:.1f} h, "
        f"longest gap {(group.longest_gap_s or 0) / _HOUR_S:.1f} h"
        for group in late[:SAMPLES]
    ]
    samples = [{**group.key, "quiet_h": round(group.quiet_s / _HOUR_S, 1)} for group in late[:SAMPLES]]
    figure = f"{len(late)} of {len(judged)} groups" + (f": {'; '.join(texts)}" if texts else "")
    expected = f"quiet for at most {rule.times:g} times the longest gap of {rule.days:g} days"
    return Finding(not late, figure, expected, statement, tuple(samples))


def _limit_s(rule: Freshness, longest_gap_s: float) -> float:
    return max(rule.times * longest_gap_s, rule.least_hours * _HOUR_S)
