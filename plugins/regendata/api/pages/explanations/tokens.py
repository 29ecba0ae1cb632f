"""A figure of token metrics: the source rows of its windows, and the figure once more without the SQL."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlencode

from regendata.api.pages.explanations.shape import Asked, Cell, Explainer, Explanation, Field, Table
from regendata.api.pages.html import count, stamp
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse import token_figures
from regendata.hooks.warehouse.house import tokens
from regendata.sources.token_metrics.figures import FIGURES
from regendata.sources.token_metrics.hours import HOUR

NAME = "token_metrics"
#: Source rows that are shown.
MOST_ROWS = 300
#: Figure that ranks, by ranking.
_RANKED_BY = {"volatile": "rsd_7"}
_DEFAULT = "sma1_dif"


def _fields(conn: PgConnection, asked: Asked) -> Sequence[Field]:
    hour = f"{_moment(_hour(conn, asked)):%Y-%m-%dT%H:00}"
    return (
        Field("symbol", "Symbol", asked.get("symbol", "")),
        Field("figure", "Figure", _figure(asked), "select", tuple(FIGURES)),
        Field("hour", "Hour (UTC)", hour, "datetime-local"),
    )


def _explain(conn: PgConnection, asked: Asked) -> Explanation | None:
    at = _hour(conn, asked)
    found = token_figures.explain(conn, asked.get("symbol", ""), at, _figure(asked))
    if found is None:
        return None
    facts = [
        ("Stored", _told(found["value"])),
        ("Computed again from the rows", _told(found["recomputed"])),
        ("Final", "yes" if found["is_final"] else "no, late rows may still come"),
        ("Formula", found["formula"]),
    ]
    title = f"{found['figure']} of {found['symbol']} at {stamp(_moment(at))}"
    tables = (_windows(found["windows"]), _rows(found["rows"]))
    return Explanation(title, facts, tables, "token_metrics.token_stats")


def _windows(found: Sequence[Mapping[str, Any]]) -> Table:
    rows = [
        [
            Cell(stamp(_moment(one["from"]))),
            Cell(stamp(_moment(one["until"]))),
            *(Cell(count(one[name])) for name in ("hours", "known_hours", "tweets")),
        ]
        for one in found
    ]
    columns = ("Window from", "until", "Hours", "Known", "Tweets")
    return Table("Windows", columns, rows, frozenset(columns[2:]))


def _rows(found: Sequence[Mapping[str, Any]]) -> Table:
    shown = found[-MOST_ROWS:]
    left_out = len(found) - len(shown)
    note = f"The last {len(shown)}; {left_out} older ones are left out here." if left_out else ""
    rows = [
        [
            Cell(stamp(_moment(one["timestamp"]))),
            *(Cell(one[name] or "") for name in ("raw_symbol", "rule", "token")),
            Cell(count(one["count"])),
            Cell("" if one["sentiment"] is None else f"{one['sentiment']:.3f}"),
            Cell(str(one["revisions"] or "")),
            Cell(" ".join(filter(None, (one["reason"], one["problem"])))),
        ]
        for one in reversed(shown)
    ]
    columns = ("Hour", "As written", "Rule", "Means", "Tweets", "Sentiment", "Revised", "Why")
    return Table("Rows of the source", columns, rows, frozenset(columns[4:7]), note)


def _examples(conn: PgConnection, asked: Asked) -> Table:
    rows = [
        [
            Cell(one["ranking"]),
            Cell(str(one["rank"])),
            Cell(one["symbol"], _address(one, asked)),
            Cell("" if one["sma1_dif"] is None else f"{one['sma1_dif']:.3f}"),
        ]
        for one in tokens.leaders(conn)
    ]
    columns = ("Ranking", "Rank", "Symbol", "Figure")
    return Table("Symbols in the rankings", columns, rows, frozenset({"Rank", "Figure"}))


def _address(one: Mapping[str, Any], asked: Asked) -> str:
    figure = _RANKED_BY.get(one["ranking"], _DEFAULT)
    values = {"of": NAME, "symbol": one["symbol"], "figure": figure}
    if asked.get("hour"):
        values["hour"] = asked["hour"]
    return f"?{urlencode(values)}"


def _missing(asked: Asked) -> str:
    at = f" at {stamp(_given(asked))}" if _given(asked) else ""
    return f"No metrics of {asked.get('symbol', '')}{at}."


def _figure(asked: Asked) -> str:
    given = asked.get("figure", "")
    return given if given in FIGURES else _DEFAULT


def _hour(conn: PgConnection, asked: Asked) -> int:
    """Start of the hour that is asked about in seconds since 1970; the newest published one unless given."""
    given = _given(asked)
    if given is not None:
        return int(given.timestamp()) // HOUR * HOUR
    return tokens.published_hour(conn) or int(time.time()) // HOUR * HOUR


def _given(asked: Asked) -> datetime | None:
    """A moment without a zone is in UTC; what is none counts as not given."""
    try:
        moment = datetime.fromisoformat(asked.get("hour", ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def _told(figure: float | None) -> str:
    return count(None) if figure is None else str(figure)


EXPLAINER = Explainer(
    name=NAME,
    system="token_metrics",
    about="The rows, windows and formula a figure was made from, and the figure computed once more from them "
    "without the warehouse's SQL.",
    needs="token_metrics.trending",
    fields=_fields,
    explain=_explain,
    missing=_missing,
    examples=_examples,
)
