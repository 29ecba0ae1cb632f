"""What is checked about a relation before readers see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec


@dataclass(frozen=True)
class Totals:
    """Figures of one relation: rows, USD total, and NULLs per column that must have none."""

    rows: int
    amount_usd: float | None
    nulls: tuple[int, ...] = ()


@dataclass(frozen=True)
class CheckResult:
    """One check with its figure and verdict. ``samples`` is a query for up to five offending rows."""

    name: str
    passed: bool
    figure: str
    expected: str
    statement: str
    samples: sql.Composed | None = None


def evaluate(
    model: ModelSpec, place: Relation, statement: str, totals: Totals, published: Totals | None
) -> list[CheckResult]:
    """Judge one relation.

    :param statement: the SQL that gave ``totals``, kept with each result.
    :param published: figures of what readers see now; None on the first publish.
    """
    found = [*_shape(model, totals), *_nulls(model, place, totals)]
    if published is not None and model.checks.max_fall_pct is not None:
        found += _falls(model.checks.max_fall_pct, totals, published)
    return [CheckResult(*result[:4], statement, *result[4:]) for result in found]


_Found = tuple[str, bool, str, str] | tuple[str, bool, str, str, sql.Composed | None]


def _shape(model: ModelSpec, totals: Totals) -> Iterator[_Found]:
    if model.unique_key:
        # The unique index stands, or the build would have failed naming the key.
        yield f"unique {', '.join(model.unique_key)}", True, "unique", "unique"
    least = model.checks.min_rows
    yield "min_rows", totals.rows >= least, f"{totals.rows}", f"at least {least}"


def _nulls(model: ModelSpec, place: Relation, totals: Totals) -> Iterator[_Found]:
    for column, nulls in zip(model.checks.not_null, totals.nulls, strict=True):
        samples = sql.SQL("SELECT * FROM {} WHERE {} IS NULL LIMIT 5").format(
            sql.Identifier(*place), sql.Identifier(column)
        )
        yield f"not_null {column}", nulls == 0, f"{nulls} NULL", "0 NULL", samples


def _falls(limit_pct: float, totals: Totals, published: Totals) -> Iterator[_Found]:
    yield _fall("max_fall rows", totals.rows, published.rows, limit_pct)
    if totals.amount_usd is not None and published.amount_usd is not None:
        yield _fall("max_fall usd", totals.amount_usd, published.amount_usd, limit_pct)


def _fall(name: str, now: float, before: float, limit_pct: float) -> _Found:
    fall = 0.0 if before <= 0 else max(0.0, (before - now) / before * 100)
    figure = f"{now:,.2f} after {before:,.2f} published: {fall:.2f} % less"
    return name, fall <= limit_pct, figure, f"at most {limit_pct:g} % less"
