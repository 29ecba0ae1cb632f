"""Templates of ``include/pages/house`` and what they write figures with."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from regendata import paths
from regendata.api.pages.mounted import URL_PREFIX
from regendata.api.pages.views import VIEWS

FOLDER = paths.PAGES / "house"
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """One page; names that a template asks for and nobody gave are an error."""
    mounted_at = str(request.scope.get("root_path", ""))
    text = (
        environment()
        .get_template(template)
        .render(
            base=mounted_at,
            airflow=mounted_at.removesuffix(URL_PREFIX),
            views=VIEWS,
            here=request.url.path.removeprefix(mounted_at).strip("/").partition("/")[0],
            now=datetime.now(timezone.utc),
            **context,
        )
    )
    return HTMLResponse(text, status)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Jinja with escaping on."""
    found = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "count": count,
        "signed": signed,
        "size": size,
        "duration": duration,
        "ago": ago,
        "stamp": stamp,
        "plural": plural,
    }
    return found


def count(number: float | None) -> str:
    """``12,345``; a dash for what is not known."""
    return "–" if number is None else f"{number:,.0f}"  # noqa: RUF001


def signed(number: float | None) -> str:
    """``+12``, ``-3``; nothing for none."""
    return f"{number:+,.0f}" if number else ""


def size(count_of_bytes: float | None) -> str:
    """``12.3 MB``."""
    if count_of_bytes is None:
        return count(None)
    amount = float(count_of_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.3g} {unit}" if amount >= 1 or unit == "B" else f"{amount:.1g} {unit}"
        amount /= 1000
    return f"{amount:.3g} TB"


def duration(seconds: float | timedelta | None) -> str:
    """The largest unit that fits, with one more below it for hours and days: ``2 h 5 min``."""
    if seconds is None:
        return count(None)
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    if total < 10:
        return f"{total:.1f} s"
    for place, (length, unit) in enumerate(_UNITS):
        if total >= length:
            whole, rest = divmod(int(total), length)
            below, name = _UNITS[min(place + 1, len(_UNITS) - 1)]
            more = f" {rest // below} {name}" if length >= 3_600 and rest >= below else ""
            return f"{whole} {unit}{more}"
    return f"{total:.1f} s"


def ago(moment: datetime | None, now: datetime) -> str:
    """``3 h 5 min ago``, ``in 20 min``, ``never``."""
    if moment is None:
        return "never"
    passed = (now - moment).total_seconds()
    if abs(passed) < 10:
        return "now"
    return f"{duration(passed)} ago" if passed > 0 else f"in {duration(-passed)}"


def stamp(moment: datetime | None) -> str:
    """``2026-05-01 08:00 UTC``."""
    return count(None) if moment is None else f"{moment.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


def plural(number: int, word: str, many: str | None = None) -> str:
    """``1 check``, ``2 checks``."""
    return f"{number:,} {word if number == 1 else many or word + 's'}"
