"""Statements for BigQuery: hours replaced by one MERGE, and which rows wait for blocks or lag behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from string import Template

from regendata.coverage.intervals import Pair
from regendata.coverage.slots import GENESIS_S, HOUR_S, SLOT_S, slots_of
from regendata.sources.mev_boost.objects import Unit
from regendata.sources.mev_boost.rows import Endpoint
from regendata.sources.mev_boost.schema import DAY, FIELDS, stored_fields

_SECONDS = f"{GENESIS_S} + {SLOT_S} * {{row}}.slot"
_HOUR = f"DIV(({_SECONDS.format(row='stored')}), {HOUR_S})"
#: A block that was reorganised away has its time near that of the canonical one.
BLOCKS_AROUND = timedelta(hours=1)

_REPLACE = Template("""MERGE `$target` AS stored
USING (
  SELECT
    $fetched
  FROM `$staged` AS staged
  LEFT JOIN `$blocks` AS block
    ON block.number = staged.block_number AND block.timestamp BETWEEN @blocks_from AND @blocks_until
) AS fetched
ON FALSE
WHEN NOT MATCHED THEN
  INSERT ($columns)
  VALUES ($values)
WHEN NOT MATCHED BY SOURCE AND $slices THEN
  DELETE
""")
_COUNT = Template("""SELECT stored.relay, $hour AS hour, COUNTIF(stored.block_timestamp IS NULL) AS undated
FROM `$target` AS stored
WHERE $slices
GROUP BY stored.relay, hour
""")

_STALE = Template("""SELECT DISTINCT stored.relay, $hour AS hour
FROM `$target` AS stored
LEFT JOIN `$blocks` AS block
  ON block.number = stored.block_number AND block.timestamp BETWEEN @blocks_from AND @blocks_until
WHERE stored.$day BETWEEN @first_day AND @last_day AND stored.slot >= $begin AND stored.slot < $end AND (
  $differs
)
ORDER BY hour, stored.relay
""")
Parameter = str | date | datetime | tuple[date, ...] | tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """SQL with named parameters.

    :param parameters: value by name: a text, a day, a moment, or an array of texts or days, at least one.
    """

    sql: str
    parameters: Mapping[str, Parameter]


def replace_hours(target: str, staged: str, blocks: str, units: Sequence[Unit]) -> Statement:
    """One atomic MERGE: the hours' rows go, those of the staged table come, dated where the block is known.

    ``ON FALSE`` makes it a delete and an insert in one statement; the days prune partitions, relay and slot
    prune clusters.

    :param target: full name of the table, as the others.
    :param units: hours of one endpoint; at least one.
    """
    endpoint = units[0].endpoint
    columns = [DAY.name, *(field.name for field in FIELDS[endpoint])]
    sql = _REPLACE.substitute(
        target=target,
        staged=staged,
        blocks=blocks,
        fetched=_select(endpoint),
        columns=_listed(columns),
        values=_listed(columns, "fetched."),
        slices=_slices(units),
    )
    around = _blocks_around(min(unit.begin for unit in units), max(unit.begin for unit in units))
    return Statement(sql, _parameters(units) | around)


def count_undated(target: str, units: Sequence[Unit]) -> Statement:
    """Per relay and hour, how many rows have no block time."""
    sql = _COUNT.substitute(target=target, hour=_HOUR, slices=_slices(units))
    return Statement(sql, _parameters(units))


def stale_hours(target: str, blocks: str, endpoint: Endpoint, hours: Pair) -> Statement:
    """Relay and hour of rows that blocks say something else of by now: times that came, hashes that changed.

    :param hours: half-open.
    """
    begin, end = slots_of(hours[0])[0], slots_of(hours[1])[0]
    differs = ["stored.block_timestamp IS DISTINCT FROM block.timestamp"]
    if endpoint == "payloads":
        differs.append("stored.reorged IS DISTINCT FROM (block.hash != stored.block_hash)")
    sql = _STALE.substitute(
        target=target,
        blocks=blocks,
        hour=_HOUR,
        day=DAY.name,
        begin=begin,
        end=end,
        differs="\n  OR ".join(differs),
    )
    first, last = (datetime.fromtimestamp(hour * HOUR_S, timezone.utc) for hour in (hours[0], hours[1] - 1))
    days: dict[str, Parameter] = {"first_day": first.date(), "last_day": last.date()}
    return Statement(sql, days | _blocks_around(first, last))


def _blocks_around(first: datetime, last: datetime) -> dict[str, Parameter]:
    """Bounds of the blocks that hours may need, from the beginnings of the first hour and of the last."""
    return {"blocks_from": first - BLOCKS_AROUND, "blocks_until": last + 2 * BLOCKS_AROUND}


def _select(endpoint: Endpoint) -> str:
    own = [f"staged.{field.name}" for field in stored_fields(endpoint)]
    day = f"DATE(TIMESTAMP_SECONDS({_SECONDS.format(row='staged')})) AS {DAY.name}"
    found = ["block.timestamp AS block_timestamp"]
    if endpoint == "payloads":
        found.append("block.hash != staged.block_hash AS reorged")
    return ",\n    ".join([day, *found, *own])


def _listed(columns: Sequence[str], before: str = "") -> str:
    return ", ".join(f"{before}{name}" for name in columns)


def _slices(units: Sequence[Unit]) -> str:
    relays = _relay_names(units)
    slices = []
    for unit in units:
        begin, end = slots_of(unit.hour)
        slices.append(
            f"(stored.relay = @{relays[unit.relay]} AND stored.slot >= {begin} AND stored.slot < {end})"
        )
    return f"stored.{DAY.name} IN UNNEST(@days) AND (\n  " + "\n  OR ".join(slices) + "\n)"


def _parameters(units: Sequence[Unit]) -> dict[str, Parameter]:
    days: Parameter = tuple(sorted({unit.begin.date() for unit in units}))
    return {"days": days, **{name: relay for relay, name in _relay_names(units).items()}}


def _relay_names(units: Sequence[Unit]) -> dict[str, str]:
    return {relay: f"relay_{number}" for number, relay in enumerate(sorted({unit.relay for unit in units}))}
