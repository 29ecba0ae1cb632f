"""What a model's header promises about the rows it gives: one frozen rule per check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from regendata.models.relation import Relation

#: A failed stop ends the run, a failed ask waits for a person, a failed warn is only written down.
Severity = Literal["stop", "ask", "warn"]
SEVERITIES: tuple[Severity, ...] = ("stop", "ask", "warn")
Names = tuple[str, ...]
#: A bound or an accepted value as SQL literal; Postgres casts a text such as ``now`` to the column's type.
Value = str | int | float


@dataclass(frozen=True)
class Rule:
    """One check. ``name`` tells it apart from the others of its relation, in results and in waivers."""

    severity: Severity

    @property
    def name(self) -> str:
        raise NotImplementedError

    @property
    def columns(self) -> Names:
        """Columns the rule is about."""
        return ()


@dataclass(frozen=True)
class MinRows(Rule):
    """At least so many rows."""

    at_least: int

    @property
    def name(self) -> str:
        return "min_rows"


@dataclass(frozen=True)
class NotNull(Rule):
    """No NULL in the column."""

    column: str

    @property
    def name(self) -> str:
        return f"not_null {self.column}"

    @property
    def columns(self) -> Names:
        return (self.column,)


@dataclass(frozen=True)
class AcceptedValues(Rule):
    """The column holds one of these values, or NULL."""

    column: str
    values: tuple[Value, ...]

    @property
    def name(self) -> str:
        return f"accepted_values {self.column}"

    @property
    def columns(self) -> Names:
        return (self.column,)


@dataclass(frozen=True)
class Range(Rule):
    """The column lies between two bounds, both included, or is NULL; NaN is above every bound."""

    column: str
    least: Value | None
    most: Value | None

    @property
    def name(self) -> str:
        return f"range {self.column}"

    @property
    def columns(self) -> Names:
        return (self.column,)


@dataclass(frozen=True)
class Matches(Rule):
    """The column's text matches a regular expression of Postgres, or is NULL."""

    column: str
    pattern: str

    @property
    def name(self) -> str:
        return f"matches {self.column}"

    @property
    def columns(self) -> Names:
        return (self.column,)


@dataclass(frozen=True)
class Holds(Rule):
    """An SQL condition on one row that is true or unknown for every row.

    :param says: what the condition means, in words.
    """

    says: str
    condition: str

    @property
    def name(self) -> str:
        return f"holds {self.says}"


@dataclass(frozen=True)
class Unique(Rule):
    """No two rows agree in these columns; rows with a NULL among them never agree."""

    key: Names

    @property
    def name(self) -> str:
        return f"unique {', '.join(self.key)}"

    @property
    def columns(self) -> Names:
        return self.key


@dataclass(frozen=True)
class ForeignKey(Rule):
    """Each combination of values has a row in another relation of the same build, or holds a NULL."""

    key: Names
    relation: Relation
    target: Names

    @property
    def name(self) -> str:
        return f"references {', '.join(self.key)} -> {self.relation}"

    @property
    def columns(self) -> Names:
        return self.key


@dataclass(frozen=True)
class Change(Rule):
    """Rows and amount of the whole relation against what is published.

    :param direction: ``fall`` or ``rise``.
    :param limit_pct: largest change allowed, in percent of what is published.
    """

    direction: Literal["fall", "rise"]
    limit_pct: float

    @property
    def name(self) -> str:
        return f"max_{self.direction}"


@dataclass(frozen=True)
class GroupTotals(Rule):
    """Rows and amount of each group against the same group as published; a group that is gone fell by 100 %.

    With a ``timestamp`` in the header, only what happened up to the newest published row of a group counts:
    a round may grow as fast as it likes, while its past stays as it was.

    :param floor_rows: smallest change of rows that counts.
    :param floor_amount: smallest change of the amount that counts, in units of the amount.
    """

    by: Names
    max_fall_pct: float | None
    max_rise_pct: float | None
    floor_rows: float
    floor_amount: float

    @property
    def name(self) -> str:
        return f"totals {', '.join(self.by)}"

    @property
    def columns(self) -> Names:
        return self.by


@dataclass(frozen=True)
class NeverOlder(Rule):
    """The newest timestamp of each group does not go back against what is published."""

    by: Names

    @property
    def name(self) -> str:
        return f"never_older {', '.join(self.by)}"

    @property
    def columns(self) -> Names:
        return self.by


@dataclass(frozen=True)
class Freshness(Rule):
    """Each group against its own history: it is not quiet for longer than its longest gap allows.

    :param days: how far back the history goes; a group quiet for longer is dead and stays so silently.
    :param times: how many times the longest gap of these days a group may be quiet.
    :param least_hours: a group may always be quiet for so long.
    """

    by: Names
    days: float
    times: float
    least_hours: float

    @property
    def name(self) -> str:
        return f"freshness {', '.join(self.by)}"

    @property
    def columns(self) -> Names:
        return self.by


#: Rules about single rows: a row breaks them or does not.
RowRule = NotNull | AcceptedValues | Range | Matches | Holds
ROW_RULES = (NotNull, AcceptedValues, Range, Matches, Holds)
