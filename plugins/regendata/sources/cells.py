"""What people type into cells, read as values; a cell that says something else raises with the reason.

A reason completes a sentence that begins with the cell: ``'12 apples' is no number``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from regendata.exceptions import ContentRefused


class Unreadable(ValueError):
    """A cell does not say what its column is for; the text is the reason."""


@dataclass(frozen=True)
class Locale:
    """How a spreadsheet shows dates and numbers.

    :param date_order: order of day, month and year where the year does not come first.
    :param decimal: sign before the fraction of a number.
    :param thousands: signs between groups of three digits.
    """

    name: str
    date_order: str = "dmy"
    decimal: str = "."
    thousands: str = ","


#: Spaces that locales put between groups of digits: plain, no-break, narrow no-break.
_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
LOCALES = {
    locale.name: locale
    for locale in (
        Locale("en_US", "mdy"),
        Locale("en_GB"),
        Locale("en_AU"),
        Locale("en_CA", "mdy"),
        Locale("en_IE"),
        Locale("de_DE", decimal=",", thousands="."),
        Locale("es_ES", decimal=",", thousands="." + _SPACES),
        Locale("fr_FR", decimal=",", thousands=_SPACES),
        Locale("it_IT", decimal=",", thousands="."),
        Locale("nl_NL", decimal=",", thousands="."),
        Locale("pt_BR", decimal=",", thousands="."),
        Locale("pt_PT", decimal=",", thousands=_SPACES),
    )
}

Cleaner = Callable[[str, Locale], object]

_FORMULA_ERROR = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|ERROR!|SPILL!|CALC!)|Loading\.\.\.")
_SCIENTIFIC = re.compile(r"-?\d+(?:\.\d+)?E[+-]?\d+", re.ASCII)
_CURRENCY = re.compile(r"[$€£]|\b(?:USD|EUR|GBP|DAI|USDC)\b")
_DATE = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})", re.ASCII)
_ISO_T = re.compile(r"(?<=\d)T(?=\d)", re.ASCII)
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?(?:\s*([AaPp])\.?[Mm]\.?)?(?:\s*(?:Z|UTC))?", re.ASCII
)


def locale_named(name: str) -> Locale:
    """The locale a spreadsheet is set to.

    :raises ContentRefused: one whose dates and numbers nobody described yet.
    """
    if name not in LOCALES:
        raise ContentRefused(
            f"the spreadsheet's locale is {name}, known are {', '.join(LOCALES)}; "
            "set it to one of these (File, Settings), or describe it in regendata.sources.cells"
        )
    return LOCALES[name]


def is_formula_error(cell: str) -> bool:
    """Whether a formula gave an error in place of a value."""
    return _FORMULA_ERROR.fullmatch(cell) is not None


def text(cell: str, _: Locale) -> str:
    """The text as it is."""
    return cell


def lower_text(cell: str, _: Locale) -> str:
    """The text in lower case, for addresses and ids of rounds."""
    return cell.lower()


def number(cell: str, locale: Locale) -> float:
    """``$1,234.50``, ``(12)`` for minus twelve, ``12.5%`` as 0.125; separators as the locale has them."""
    plain = _CURRENCY.sub("", cell.replace("\N{MINUS SIGN}", "-")).strip()
    percent, plain = plain.endswith("%"), plain.removesuffix("%").strip()
    bracketed = plain.startswith("(") and plain.endswith(")")
    negative = bracketed or plain.startswith("-")
    digits = (plain[1:-1] if bracketed else plain.removeprefix("-")).strip()
    value = float(digits if _SCIENTIFIC.fullmatch(digits.upper()) else _plain_digits(digits, locale))
    return (-value if negative else value) / (100 if percent else 1)


def whole_number(cell: str, locale: Locale) -> int:
    """A number without a fraction."""
    value = number(cell, locale)
    if not value.is_integer():
        raise Unreadable("is no whole number")
    return int(value)


def first_digits(cell: str, _: Locale) -> int:
    """``GG20`` as 20: the first digits in the cell."""
    found = re.search(r"\d{1,9}", cell, re.ASCII)
    if found is None:
        raise Unreadable("has no number in it")
    return int(found[0])


def moment(cell: str, locale: Locale) -> str:
    """A date with or without a time, year first or in the locale's order, as ISO 8601 in UTC."""
    date, _, time = _ISO_T.sub(" ", cell).strip().partition(" ")
    found = _DATE.fullmatch(date.rstrip(","))
    if found is None:
        raise Unreadable(f"is no date ({locale.name})")
    year, month, day = _in_order(found[1], found[3], found[4], locale)
    time_of_day = _time_of_day(time.strip())
    try:
        return datetime(year, month, day, *time_of_day, tzinfo=timezone.utc).isoformat()
    except ValueError as error:
        raise Unreadable(f"is no date ({locale.name}: {error})") from error


def _plain_digits(digits: str, locale: Locale) -> str:
    """Digits as Python reads them; groups of other than three digits betray another locale."""
    decimal, thousands = re.escape(locale.decimal), f"[{re.escape(locale.thousands)}]"
    form = rf"(?:\d+|\d{{1,3}}(?:{thousands}\d{{3}})+)?(?:{decimal}\d*)?"
    if not re.fullmatch(form, digits, re.ASCII) or not re.search(r"\d", digits):
        raise Unreadable(f"is no number ({locale.name})")
    return re.sub(thousands, "", digits).replace(locale.decimal, ".")


def _in_order(first: str, second: str, third: str, locale: Locale) -> tuple[int, int, int]:
    """Year, month, day."""
    if len(first) == 4:
        return int(first), int(second), int(third)
    if len(third) != 4:
        raise Unreadable(f"is no date with a year of four digits ({locale.name})")
    day, month = (second, first) if locale.date_order == "mdy" else (first, second)
    return int(third), int(month), int(day)


def _time_of_day(time: str) -> tuple[int, int, int, int]:
    """Hour, minute, second, microsecond; midnight for nothing."""
    if not time:
        return 0, 0, 0, 0
    found = _TIME.fullmatch(time)
    if found is None:
        raise Unreadable("has no time of day behind its date")
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[5]:
        if not 1 <= hour <= 12:
            raise Unreadable("has no time of day behind its date")
        hour = hour % 12 + (12 if found[5] in "Pp" else 0)
    return hour, minute, second, int((found[4] or "0").ljust(6, "0"))
