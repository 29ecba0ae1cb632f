"""A round's published total: the round as its indexer has it, and its donations and payouts added up anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from regendata.api.pages.explanations.shape import Asked, Cell, Explainer, Explanation, Field, Table
from regendata.api.pages.html import count, stamp
from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.house import rounds

NAME = "rounds"
RELATION = "public.round_totals"
#: Rows that are shown of each kind, the largest first.
MOST_ROWS = 50
MOST_EXAMPLES = 25

Behind = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """One column of :data:`RELATION`.

    :param formula: in words, as the SQL of the view has it.
    :param value: from the round as its indexer has it.
    :param added_up: the same from its single rows, where rows make it up.
    """

    formula: str
    value: Callable[[Behind], float]
    added_up: Callable[[Behind], float | None]


def _crowdfunding(behind: Behind) -> float:
    return float(behind["total_amount_donated_in_usd"] or 0)


def _matching(behind: Behind) -> float:
    given = behind["match_amount_in_usd"] if behind["is_distributed"] else behind["payouts_usd"]
    return float(given or 0)


def _matching_added_up(behind: Behind) -> float | None:
    return None if behind["is_distributed"] else float(behind["payouts_usd"])


FIGURES = {
    "Total USD": Figure(
        "Crowdfunding USD + Matching USD",
        lambda behind: _crowdfunding(behind) + _matching(behind),
        lambda behind: behind["donations_usd"] + _matching(behind),
    ),
    "Crowdfunding USD": Figure(
        "what the indexer adds up for the round (rounds.total_amount_donated_in_usd)",
        _crowdfunding,
        lambda behind: behind["donations_usd"],
    ),
    "Matching USD": Figure(
        "the matching pool once it is distributed (rounds.match_amount_in_usd), else the payouts",
        _matching,
        _matching_added_up,
    ),
    "Donations": Figure(
        "rounds.total_donations_count",
        lambda behind: behind["total_donations_count"] or 0,
        lambda behind: behind["donations"],
    ),
    "Donors": Figure(
        "rounds.unique_donors_count",
        lambda behind: behind["unique_donors_count"] or 0,
        lambda behind: behind["donors"],
    ),
}


def _fields(conn: PgConnection, asked: Asked) -> Sequence[Field]:
    return (
        Field("chain", "Chain ID", asked.get("chain", ""), "number"),
        Field("round", "Round ID", asked.get("round", "")),
        Field("figure", "Figure", _figure(asked), "select", tuple(FIGURES)),
    )


def _explain(conn: PgConnection, asked: Asked) -> Explanation | None:
    place = _place(asked)
    total = rounds.totals(conn, *place) if place else None
    if place is None or total is None:
        return None
    name = _figure(asked)
    # Other views spell a round as the indexer does.
    place = (place[0], total["Round ID"])
    behind = rounds.behind(conn, *place)
    tables = (_donations(conn, place), _payouts(conn, place)) if behind else ()
    title = f"{name} of {total['Name'] or 'a round without a name'} on {total['Chain'] or place[0]}"
    return Explanation(title, _facts(name, total, behind), tables, RELATION)


def _facts(name: str, total: Mapping[str, Any], behind: Behind | None) -> list[tuple[str, str]]:
    facts = [("Published", _money(total[name]))]
    figure = FIGURES[name]
    if behind is None:
        return [
            *facts,
            ("Made from", "a round of MACI: its rows stand in maci.rounds and maci.contributions"),
        ]
    added_up = figure.added_up(behind)
    return [
        *facts,
        ("As the indexer has the round", _money(figure.value(behind))),
        ("Added up from its rows", "no rows make it up" if added_up is None else _money(added_up)),
        ("Formula", figure.formula),
        ("Rows", f"{behind['donations']:,} donations, {behind['payouts']:,} payouts"),
        ("Strategy", total["Strategy"] or count(None)),
    ]


def _donations(conn: PgConnection, place: tuple[str, str]) -> Table:
    rows = [
        [
            Cell(stamp(one["timestamp"])),
            *(Cell(one[name] or "") for name in ("donor_address", "recipient_address")),
            Cell(_money(one["amount_in_usd"])),
            *(Cell(one[name] or "") for name in ("source", "transaction_hash")),
        ]
        for one in rounds.donations(conn, *place, MOST_ROWS)
    ]
    columns = ("When", "From", "To", "USD", "Source", "Transaction")
    return Table("Donations", columns, rows, frozenset({"USD"}), f"The largest {MOST_ROWS} at most.")


def _payouts(conn: PgConnection, place: tuple[str, str]) -> Table:
    rows = [
        [
            Cell(stamp(one["timestamp"])),
            Cell(one["application_id"]),
            Cell(_money(one["amount_in_usd"])),
            Cell(one["transaction_hash"] or ""),
        ]
        for one in rounds.payouts(conn, *place, MOST_ROWS)
    ]
    columns = ("When", "Application", "USD", "Transaction")
    return Table("Payouts", columns, rows, frozenset({"USD"}), f"The largest {MOST_ROWS} at most.")


def _examples(conn: PgConnection, asked: Asked) -> Table:
    rows = [
        [
            Cell(one["Name"] or one["Round ID"], _address(one, asked)),
            Cell(one["Chain"] or one["Chain ID"]),
            Cell(one["Strategy"] or ""),
            Cell(_money(one["Total USD"])),
            Cell(stamp(one["Indexed Time"])),
        ]
        for one in rounds.newest(conn, MOST_EXAMPLES)
    ]
    columns = ("Round", "Chain", "Strategy", "Total USD", "Ended")
    return Table("Newest rounds", columns, rows, frozenset({"Total USD"}))


def _address(one: Mapping[str, Any], asked: Asked) -> str:
    values = {"of": NAME, "chain": one["Chain ID"], "round": one["Round ID"], "figure": _figure(asked)}
    return f"?{urlencode(values)}"


def _place(asked: Asked) -> tuple[str, str] | None:
    """Chain and round, where they can be any."""
    chain, round_id = asked.get("chain", "").strip(), asked.get("round", "").strip()
    return (chain, round_id) if chain.isdecimal() and len(chain) < 10 and round_id else None


def _missing(asked: Asked) -> str:
    return f"No round {asked.get('round', '')} on chain {asked.get('chain', '')} was published."


def _figure(asked: Asked) -> str:
    given = asked.get("figure", "")
    return given if given in FIGURES else next(iter(FIGURES))


def _money(amount: float | None) -> str:
    return count(None) if amount is None else f"{amount:,.2f}".removesuffix(".00")


EXPLAINER = Explainer(
    name=NAME,
    system="grants",
    about="The round as its indexer has it, its donations and payouts added up once more, and the SQL.",
    needs=RELATION,
    fields=_fields,
    explain=_explain,
    missing=_missing,
    examples=_examples,
)
