"""Reads the ``checks`` of a model's header.

One mapping, or a list of mappings that each have a severity of their own::

    checks:
      - {min_rows: 1, not_null: [id, chain_id]}
      - {severity: ask, max_fall_pct: 1, totals: {by: [chain_id, round_id], max_fall_pct: 5}}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from regendata.models import checks
from regendata.models.checks import SEVERITIES, Rule, Severity, Value
from regendata.models.header import Header
from regendata.models.relation import Relation

FORM = "a mapping or a list of mappings, such as {min_rows: 1, not_null: [id]}"
_TARGET = re.compile(r"(?P<relation>[^()]+?)\s*\((?P<columns>[^()]+)\)")
_TOTALS = ("by", "max_fall_pct", "max_rise_pct", "floor_rows", "floor_amount")
_FRESHNESS = ("by", "days", "times", "least_hours")
_BOUNDS = ("min", "max")


def read_checks(path: Path, given: Any, timestamp: str | None = None) -> tuple[Rule, ...]:
    """All rules of one header, in the order they are written.

    :param timestamp: column of the header that tells when a row happened; some checks need one.
    :raises ModelFileError: naming file, check and the right form.
    """
    whole = Header(path, {"checks": given})
    value = whole.typed("checks", (dict, list), [], FORM)
    blocks = [value] if isinstance(value, dict) else value
    rules = [rule for block in blocks for rule in _block(path, block)]
    names = [rule.name for rule in rules]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise whole.wrong(f"check {twice!r} is listed twice")
    timed = next((rule for rule in rules if isinstance(rule, (checks.NeverOlder, checks.Freshness))), None)
    if timed and timestamp is None:
        raise whole.wrong(f"check {timed.name!r} needs the header key `timestamp`")
    return tuple(rules)


def _block(path: Path, given: Any) -> Iterator[Rule]:
    if not isinstance(given, dict):
        raise Header(path, {}).wrong(f"header key 'checks' must be {FORM}, not {given!r}")
    block = Header(path, given)
    block.refuse_unknown(("severity", *_RULES), "check")
    severity = given.get("severity", SEVERITIES[0])
    if severity not in SEVERITIES:
        raise block.wrong(f"severity {severity!r} of checks; known: {', '.join(SEVERITIES)}")
    for key in given:
        if key != "severity":
            yield from _RULES[key](block, severity)


def _min_rows(block: Header, severity: Severity) -> Iterator[Rule]:
    yield checks.MinRows(severity, block.typed("min_rows", int, 0, "a whole number"))


def _not_null(block: Header, severity: Severity) -> Iterator[Rule]:
    for column in block.names("not_null"):
        yield checks.NotNull(severity, column)


def _unique(block: Header, severity: Severity) -> Iterator[Rule]:
    for key in block.name_lists("unique"):
        yield checks.Unique(severity, key)


def _accepted_values(block: Header, severity: Severity) -> Iterator[Rule]:
    form = "a mapping of column to values, such as {source: [indexer, static]}"
    for column, values in block.mapping("accepted_values", form).items():
        if not isinstance(values, list) or not values:
            raise block.wrong(f"accepted_values of {column!r} must be a list, not {values!r}")
        yield checks.AcceptedValues(severity, column, tuple(_value(block, column, value) for value in values))


def _range(block: Header, severity: Severity) -> Iterator[Rule]:
    form = "a mapping of column to bounds, such as {amount: {min: 0}}"
    columns = Header(block.path, block.mapping("range", form))
    for column in columns.values:
        bounds = columns.inside(column, _BOUNDS, "bounds, such as {min: 0, max: now}").values
        least, most = (
            None if bounds.get(key) is None else _value(block, column, bounds[key]) for key in _BOUNDS
        )
        yield checks.Range(severity, column, least, most)


def _matches(block: Header, severity: Severity) -> Iterator[Rule]:
    form = "a mapping of column to regular expression, such as {address: '^0x[0-9a-f]{40}$'}"
    columns = Header(block.path, block.mapping("matches", form))
    for column in columns.values:
        yield checks.Matches(severity, column, columns.text(column))


def _holds(block: Header, severity: Severity) -> Iterator[Rule]:
    conditions = Header(block.path, block.mapping("holds", "a mapping of meaning to SQL condition"))
    for says in conditions.values:
        yield checks.Holds(severity, says, conditions.text(says).strip())


def _references(block: Header, severity: Severity) -> Iterator[Rule]:
    form = "a mapping of columns to target, such as {chain_id: reference.chains (chain_id)}"
    for columns, target in block.mapping("references", form).items():
        found = _TARGET.fullmatch(str(target))
        key = _split(columns)
        if found is None or len(key) != len(_split(found["columns"])):
            raise block.wrong(
                f"references: {columns}: {target!r} is not of the form `schema.relation (column)`"
            )
        try:
            relation = Relation.parse(found["relation"])
        except ValueError as error:
            raise block.wrong(f"references: {columns}: {error}") from error
        yield checks.ForeignKey(severity, key, relation, _split(found["columns"]))


def _change(direction: Literal["fall", "rise"]) -> Callable[[Header, Severity], Iterator[Rule]]:
    def read(block: Header, severity: Severity) -> Iterator[Rule]:
        limit = block.typed(f"max_{direction}_pct", (int, float), None, "a number of percent")
        if limit is not None:
            yield checks.Change(severity, direction, float(limit))

    return read


def _totals(block: Header, severity: Severity) -> Iterator[Rule]:
    given = block.inside("totals", _TOTALS, "a mapping, such as {by: [chain_id, round_id], max_fall_pct: 5}")
    fall, rise = given.number("max_fall_pct"), given.number("max_rise_pct")
    by = given.name_or_names("by")
    if not by or (fall is None and rise is None):
        raise block.wrong("totals need `by` and a `max_fall_pct` or `max_rise_pct`")
    floors = given.number("floor_rows", 0) or 0.0, given.number("floor_amount", 0) or 0.0
    yield checks.GroupTotals(severity, by, fall, rise, *floors)


def _never_older(block: Header, severity: Severity) -> Iterator[Rule]:
    yield checks.NeverOlder(severity, block.name_or_names("never_older"))


def _freshness(block: Header, severity: Severity) -> Iterator[Rule]:
    given = block.inside("freshness", _FRESHNESS, "a mapping, such as {by: chain_id, days: 30, times: 3}")
    by = given.name_or_names("by")
    if not by:
        raise block.wrong("freshness needs `by`, such as {by: chain_id}")
    days, times = given.number("days", 30) or 0.0, given.number("times", 3) or 0.0
    yield checks.Freshness(severity, by, days, times, given.number("least_hours", 24) or 0.0)


def _split(columns: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in columns.split(","))


def _value(block: Header, column: str, value: Any) -> Value:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise block.wrong(f"{column!r}: {value!r} is neither a number nor a text")
    return value


_RULES: dict[str, Callable[[Header, Severity], Iterator[Rule]]] = {
    "min_rows": _min_rows,
    "not_null": _not_null,
    "unique": _unique,
    "accepted_values": _accepted_values,
    "range": _range,
    "matches": _matches,
    "holds": _holds,
    "references": _references,
    "max_fall_pct": _change("fall"),
    "max_rise_pct": _change("rise"),
    "totals": _totals,
    "never_older": _never_older,
    "freshness": _freshness,
}
KNOWN = tuple(_RULES)
