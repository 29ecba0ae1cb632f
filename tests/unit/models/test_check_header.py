"""The `checks` of a header."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from regendata.exceptions import ModelFileError
from regendata.models import checks
from regendata.models.check_header import KNOWN, read_checks
from regendata.models.relation import Relation

PATH = Path("rounds.sql")


def _read(text: str) -> tuple[checks.Rule, ...]:
    return read_checks(PATH, yaml.safe_load(text), "timestamp")


RULES: dict[str, list[checks.Rule]] = {
    "{min_rows: 1}": [checks.MinRows("stop", 1)],
    "{not_null: [id, Chain]}": [checks.NotNull("stop", "id"), checks.NotNull("stop", "Chain")],
    "{unique: [[id], [a, b]]}": [checks.Unique("stop", ("id",)), checks.Unique("stop", ("a", "b"))],
    "{accepted_values: {role: [donor, 3]}}": [checks.AcceptedValues("stop", "role", ("donor", 3))],
    "{range: {usd: {min: 0, max: 1.5}, at: {min: 2017-01-01, max: now}}}": [
        checks.Range("stop", "usd", 0, 1.5),
        checks.Range("stop", "at", "2017-01-01", "now"),
    ],
    "{matches: {address: ^0x}}": [checks.Matches("stop", "address", "^0x")],
    "{holds: {a is more than b: a > b}}": [checks.Holds("stop", "a is more than b", "a > b")],
    'references: {"chain_id, round_id": "public.rounds (chain_id, id)"}': [
        checks.ForeignKey("stop", ("chain_id", "round_id"), Relation("public", "rounds"), ("chain_id", "id"))
    ],
    "{max_fall_pct: 1, max_rise_pct: 20.5}": [
        checks.Change("stop", "fall", 1.0),
        checks.Change("stop", "rise", 20.5),
    ],
    "{totals: {by: chain_id, max_fall_pct: 5}}": [
        checks.GroupTotals("stop", ("chain_id",), 5.0, None, 0.0, 0.0)
    ],
    "{totals: {by: [a, b], max_rise_pct: 5, floor_rows: 10, floor_amount: 100}}": [
        checks.GroupTotals("stop", ("a", "b"), None, 5.0, 10.0, 100.0)
    ],
    "{never_older: chain_id}": [checks.NeverOlder("stop", ("chain_id",))],
    "{freshness: {by: chain_id}}": [checks.Freshness("stop", ("chain_id",), 30.0, 3.0, 24.0)],
    "{freshness: {by: [chain_id], days: 7, times: 2, least_hours: 1}}": [
        checks.Freshness("stop", ("chain_id",), 7.0, 2.0, 1.0)
    ],
}


@pytest.mark.parametrize("text", RULES)
def test_rules(text: str) -> None:
    assert list(_read(text)) == RULES[text]


def test_every_known_check_is_tried_here() -> None:
    assert set(KNOWN) == {key for text in RULES for key in yaml.safe_load(text)}


def test_each_mapping_has_a_severity_of_its_own() -> None:
    found = _read("[{min_rows: 1}, {severity: ask, max_fall_pct: 1}, {severity: warn, not_null: [id]}]")
    assert [(rule.name, rule.severity) for rule in found] == [
        ("min_rows", "stop"),
        ("max_fall", "ask"),
        ("not_null id", "warn"),
    ]


@pytest.mark.parametrize("nothing", [None, {}, []])
def test_no_checks(nothing: Any) -> None:
    assert read_checks(PATH, nothing) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[min_rows]", r"'checks' must be a mapping or a list of mappings.*not 'min_rows'"),
        ("min_rows", "'checks' must be a mapping or a list of mappings"),
        ("{rows: 1}", "unknown check 'rows'; known: severity, min_rows, not_null, unique, accepted_values"),
        ("{severity: loud, min_rows: 1}", "severity 'loud' of checks; known: stop, ask, warn"),
        ("{min_rows: many}", "'min_rows' must be a whole number, not 'many'"),
        ("{min_rows: yes}", "'min_rows' must be a whole number, not True"),
        ("{min_rows: 1.5}", "'min_rows' must be a whole number, not 1.5"),
        ("{max_fall_pct: 5%}", "'max_fall_pct' must be a number of percent, not '5%'"),
        ("{not_null: id}", "'not_null' must be a list of columns"),
        ("{unique: [id]}", "'unique': 'id' is no list of columns"),
        ("{accepted_values: {role: donor}}", "accepted_values of 'role' must be a list, not 'donor'"),
        ("{accepted_values: {role: [[donor]]}}", "'role': .*is neither a number nor a text"),
        ("{range: {usd: 5}}", "'usd' must be bounds, such as"),
        ("{range: {usd: {least: 5}}}", "unknown key of usd 'least'; known: min, max"),
        ("{matches: {address: 5}}", "'address' must be a text, not 5"),
        ("{references: {chain_id: reference.chains}}", "references: chain_id: .* is not of the form"),
        ('{references: {"a, b": reference.chains (a)}}', "references: a, b: .* is not of the form"),
        ("{references: {a: chains (a)}}", "references: a: not a schema-qualified name: 'chains'"),
        ("{totals: {max_fall_pct: 5}}", "totals need `by` and a"),
        ("{totals: {by: chain_id}}", "totals need `by` and a"),
        ("{totals: {by: chain_id, fall: 5}}", "unknown key of totals 'fall'; known: by, max_fall_pct"),
        ("{freshness: {days: 3}}", "freshness needs `by`"),
        ("[{not_null: [id]}, {severity: ask, not_null: [id]}]", "check 'not_null id' is listed twice"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(ModelFileError, match=message) as refused:
        _read(text)
    assert str(refused.value).startswith("rounds.sql:1: ")


@pytest.mark.parametrize("text", ["{never_older: chain_id}", "{freshness: {by: chain_id}}"])
def test_what_needs_a_timestamp_says_so(text: str) -> None:
    with pytest.raises(ModelFileError, match="needs the header key `timestamp`"):
        read_checks(PATH, yaml.safe_load(text))
