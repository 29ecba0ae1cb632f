"""Waivers: failing checks that somebody answers for, until a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from regendata.exceptions import ModelFileError
from regendata.models.header import Header
from regendata.models.relation import Relation

KEYS = ("relation", "check", "who", "why", "until", "partitions")


@dataclass(frozen=True)
class Waiver:
    """One failing check let through.

    :param check: name of the check as results show it, such as ``max_fall rows``.
    :param until: last day on which it counts.
    :param partitions: column -> value of the partitions it is about; the whole relation when empty.
    """

    relation: Relation
    check: str
    who: str
    why: str
    until: date
    partitions: tuple[Mapping[str, Any], ...] = ()

    def lives(self, today: date) -> bool:
        return today <= self.until

    def facts(self) -> dict[str, Any]:
        """What is stored beside the result."""
        facts = {"who": self.who, "why": self.why, "until": self.until.isoformat()}
        return {**facts, "partitions": [dict(one) for one in self.partitions]}

    def __str__(self) -> str:
        return f"{self.relation}: {self.check} (by {self.who} until {self.until}: {self.why})"


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """Read ``include/waivers.yaml``; expired ones included.

    :raises ModelFileError: naming the entry and what is wrong with it.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except yaml.YAMLError as error:
        raise ModelFileError(path, f"is not YAML: {error}") from error
    if not isinstance(given, list):
        raise ModelFileError(path, "is a list of waivers")
    return tuple(_waiver(path, number, entry) for number, entry in enumerate(given, start=1))


def waiver_for(waivers: Iterable[Waiver], relation: Relation, check: str, today: date) -> Waiver | None:
    """The live waiver of a check, if there is one."""
    found = (one for one in waivers if (one.relation, one.check) == (relation, check) and one.lives(today))
    return next(found, None)


def _waiver(path: Path, number: int, entry: Any) -> Waiver:
    if not isinstance(entry, dict):
        raise ModelFileError(path, f"waiver {number} must be a mapping of {', '.join(KEYS)}")
    header = Header(path, entry)
    header.refuse_unknown(KEYS, f"key of waiver {number}")
    missing = next((key for key in KEYS[:-1] if not entry.get(key)), None)
    if missing:
        raise ModelFileError(path, f"waiver {number} has no {missing!r}")
    until = entry["until"]
    if not isinstance(until, date) or isinstance(until, datetime):
        raise ModelFileError(path, f"waiver {number}: until must be a day such as 2026-12-31, not {until!r}")
    texts = header.text("check"), header.text("who"), header.text("why")
    return Waiver(_relation(path, number, header), *texts, until, _partitions(path, number, header))


def _relation(path: Path, number: int, header: Header) -> Relation:
    try:
        return Relation.parse(header.text("relation"))
    except ValueError as error:
        raise ModelFileError(path, f"waiver {number}: {error}") from error


def _partitions(path: Path, number: int, header: Header) -> tuple[Mapping[str, Any], ...]:
    partitions = header.typed("partitions", list, [], "a list, such as [{chain_id: 10}]")
    if not all(isinstance(one, dict) and one for one in partitions):
        raise ModelFileError(path, f"waiver {number}: partitions map columns to values, as {{chain_id: 10}}")
    return tuple(partitions)
