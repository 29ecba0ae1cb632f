"""What people type, and what it means in each locale."""

from __future__ import annotations

import contextlib
import math
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regendata.exceptions import ContentRefused
from regendata.sources import cells
from regendata.sources.cells import LOCALES, Locale, Unreadable

US, GB, DE, FR = (LOCALES[name] for name in ("en_US", "en_GB", "de_DE", "fr_FR"))
NARROW = "\N{NARROW NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("cell", "locale", "value"),
    [
        ("$1,234.50", US, 1234.5),
        ("1234.5", US, 1234.5),
        ("-$3", US, -3.0),
        ("$-3", US, -3.0),
        ("($1,000)", US, -1000.0),
        ("\N{MINUS SIGN}7", US, -7.0),
        ("12.5%", US, 0.125),
        (".5", US, 0.5),
        ("1.2E+05", US, 120_000.0),
        ("1,234,567", US, 1_234_567.0),
        ("40,000.00 USD", US, 40_000.0),
        ("1.234,50 €", DE, 1234.5),
        ("1.234.567", DE, 1_234_567.0),
        (f"1{NARROW}234,5 €", FR, 1234.5),
        ("1 234", FR, 1234.0),
    ],
)
def test_numbers(cell: str, locale: Locale, value: float) -> None:
    assert cells.number(cell, locale) == value


@pytest.mark.parametrize(
    ("cell", "locale"),
    [
        ("1,23", US),
        ("1.234,50", US),
        ("1,234.50", DE),
        ("12,3456", US),
        ("12 apples", US),
        ("$", US),
        ("-", US),
        ("1.2.3", US),
        ("nan", US),
        ("inf", US),
        ("1_000", US),
        ("٣", US),
        ("(5", US),
    ],
)
def test_what_is_no_number_says_so_with_the_locale(cell: str, locale: Locale) -> None:
    with pytest.raises(Unreadable, match=rf"is no number \({locale.name}\)"):
        cells.number(cell, locale)


@given(st.integers(-(10**12), 10**12), st.integers(0, 99), st.sampled_from(list(LOCALES.values())))
def test_a_number_shown_with_separators_comes_back(whole: int, cents: int, locale: Locale) -> None:
    sign = "-" if whole < 0 else ""
    groups = f"{abs(whole):,}".replace(",", locale.thousands[0])
    shown = f"{sign}${groups}{locale.decimal}{cents:02}"
    assert math.isclose(cells.number(shown, locale), float(f"{sign}{abs(whole)}.{cents:02}"), rel_tol=1e-12)


@given(st.text(), st.sampled_from(list(LOCALES.values())))
def test_any_text_is_a_finite_number_or_unreadable(cell: str, locale: Locale) -> None:
    with contextlib.suppress(Unreadable):
        assert math.isfinite(cells.number(cell, locale))


@pytest.mark.parametrize(("cell", "value"), [("42,161", 42161), ("10", 10), ("10.0", 10), ("1E3", 1000)])
def test_whole_numbers(cell: str, value: int) -> None:
    assert cells.whole_number(cell, US) == value


def test_a_fraction_is_no_whole_number() -> None:
    with pytest.raises(Unreadable, match="is no whole number"):
        cells.whole_number("10.5", US)


@pytest.mark.parametrize(("cell", "value"), [("GG20", 20), ("20", 20), ("Round 4 of 9", 4), ("GG 07", 7)])
def test_first_digits(cell: str, value: int) -> None:
    assert cells.first_digits(cell, US) == value


def test_a_name_without_number_says_so() -> None:
    with pytest.raises(Unreadable, match="has no number in it"):
        cells.first_digits("Citizens", US)


@pytest.mark.parametrize(
    ("cell", "locale", "value"),
    [
        ("8/7/2024 12:00:00", US, "2024-08-07T12:00:00+00:00"),
        ("8/7/2024 12:00:00", GB, "2024-07-08T12:00:00+00:00"),
        ("7.8.2024", DE, "2024-08-07T00:00:00+00:00"),
        ("2024-08-07", US, "2024-08-07T00:00:00+00:00"),
        ("2024-08-07", DE, "2024-08-07T00:00:00+00:00"),
        ("2024/8/7 1:05 PM", US, "2024-08-07T13:05:00+00:00"),
        ("8/7/2024 12:05 am", US, "2024-08-07T00:05:00+00:00"),
        ("2024-08-07T10:00:00.250Z", US, "2024-08-07T10:00:00.250000+00:00"),
        ("2024-08-07 10:00:00 UTC", US, "2024-08-07T10:00:00+00:00"),
    ],
)
def test_moments(cell: str, locale: Locale, value: str) -> None:
    assert cells.moment(cell, locale) == value


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("23/8/2024", r"is no date \(en_US: month must be in 1..12"),
        ("2/30/2024", r"is no date \(en_US: day is out of range"),
        ("8/7/24", "no date with a year of four digits"),
        ("soon", r"is no date \(en_US\)"),
        ("8/7/2024 noon", "has no time of day behind its date"),
        ("8/7/2024 13:00 PM", "has no time of day behind its date"),
        ("8/7/2024 25:00", r"is no date \(en_US: hour must be in"),
        ("45000.5", r"is no date \(en_US\)"),
    ],
)
def test_what_is_no_moment_says_why(cell: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        cells.moment(cell, US)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.sampled_from(list(LOCALES.values())))
def test_a_moment_shown_in_a_locale_comes_back(moment: datetime, locale: Locale) -> None:
    moment = moment.replace(microsecond=0, tzinfo=timezone.utc)
    date = "%m/%d/%Y" if locale.date_order == "mdy" else "%d/%m/%Y"
    assert cells.moment(moment.strftime(f"{date} %H:%M:%S"), locale) == moment.isoformat()


@given(st.text(), st.sampled_from(list(LOCALES.values())))
def test_any_text_is_a_moment_or_unreadable(cell: str, locale: Locale) -> None:
    with contextlib.suppress(Unreadable):
        assert datetime.fromisoformat(cells.moment(cell, locale)).tzinfo is not None


@pytest.mark.parametrize("cell", ["#REF!", "#N/A", "#DIV/0!", "#NAME?", "#VALUE!", "#ERROR!", "Loading..."])
def test_formula_errors(cell: str) -> None:
    assert cells.is_formula_error(cell)


@pytest.mark.parametrize("cell", ["#1", "", "REF!", "# REF!"])
def test_what_only_looks_like_one(cell: str) -> None:
    assert not cells.is_formula_error(cell)


def test_an_unknown_locale_is_named_with_the_known_ones() -> None:
    assert cells.locale_named("de_DE") == DE
    with pytest.raises(ContentRefused, match="locale is xx_YY, known are en_US"):
        cells.locale_named("xx_YY")
