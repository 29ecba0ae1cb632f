"""Statements for BigQuery: hours replaced by one MERGE, and how many of their rows wait for a block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from string import Template

from regendata.coverage.slots import GENESIS_S, HOUR_S, SLOT_S, slots_of
from regendata.sources.mev_boost.objects import Unit
from regendata.sources.mev_boost.rows import Endpoint
from regendata.sources.mev_boost.schema import DAY, FIELDS, stored_fields

_SECONDS = f"{GENESIS_S} + {SLOT_S} * {{row}}.slot"
#: A block that was reorganised away has its time near that of the canonical one.
_BLOCKS_AROUND = timedelta(hours=1)

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

Parameter = str | datetime | tuple[date, ...]


@dataclass(frozen=True)
class Statement:
    """SQL with named parameters.

    :param parameters: value by name: a text, a moment, or dates for an array.
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
    around: dict[str, Parameter] = {
        "blocks_from": min(unit.begin for unit in units) - _BLOCKS_AROUND,
        "blocks_until": max(unit.begin for unit in units) + 2 * _BLOCKS_AROUND,
    }
    return Statement(sql, _parameters(units) | around)


def count_undated(target: str, units: Sequence[Unit]) -> Statement:
    """Per relay and hour, how many rows have no block time."""
    hour = f"DIV(({_SECONDS.format(row='stored')}), {HOUR_S})"
    sql = _COUNT.substitute(target=target, hour=hour, slices=_slices(units))
    return Statement(sql, _parameters(units))


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
