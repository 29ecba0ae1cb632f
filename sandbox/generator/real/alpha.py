"""Real Alpha round rows.

Real: 100 votes, USD and matching per grantee, addresses.
Derived: the USD value of a vote in ETH (at 1,600 USD), and the donations that make up the rest of each
grantee's sum, with donors drawn from the real voters.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from sandbox.generator.alpha import DAYS, FIRST_DAY, bytea_text
from sandbox.generator.files import Record
from sandbox.generator.identity import draw, pick
from sandbox.generator.real.files import RealFiles, Row

FUNDING = "AlphaRoundFundingWithWalletsGithubs.csv"
ETH = "0x0000000000000000000000000000000000000000"
ETH_USD = Decimal(1600)
DONATIONS_OF_A_RUN = 192_131
"""Contributions the rounds really had; `scale` decides how many of them are derived."""


def donations(files: RealFiles, scale: int) -> Iterator[Record]:
    """Rows of AlphaRoundsAllDonations that add up to each grantee's real sum."""
    votes = files.document("qfvotes.json")
    titles = _titles(files)
    voted = [_vote(vote, titles) for vote in votes if vote["to"].lower() in titles]
    voters = sorted({vote["from"].lower() for vote in votes})
    rest = [row for grantee in _funding(files) for row in _derived(grantee, voted, voters, scale)]
    for number, row in enumerate([*voted, *rest], start=1):
        yield {"id": number, **row}


def _vote(vote: dict[str, Any], titles: dict[str, tuple[str, str]]) -> Record:
    title, round_name = titles[vote["to"].lower()]
    quantity = Decimal(vote["amount"]) / 10**18
    return {
        "title": title,
        "round_name": round_name,
        "usd_amount": float(quantity * ETH_USD if vote["token"] == ETH else quantity),
        "block_time": datetime.fromtimestamp(int(vote["createdAt"]), tz=timezone.utc),
        "donor": bytea_text(vote["from"].lower()),
        "token_quantity": quantity,
    }


def _derived(grantee: Row, voted: list[Record], voters: list[str], scale: int) -> Iterator[Record]:
    title = grantee["title"]
    missing = float(grantee["total_crowdfund_amount"]) - sum(
        v["usd_amount"] for v in voted if v["title"] == title
    )
    if missing <= 0:
        return
    count = max(1, int(grantee["total_contributions"]) * scale // 20 // DONATIONS_OF_A_RUN)
    for number in range(count):
        yield {
            "title": title,
            "round_name": _round_name(grantee["themes"]),
            "usd_amount": missing * (2 * number + 1) / count**2,
            "block_time": FIRST_DAY + timedelta(seconds=int(DAYS * 86_400 * draw("alpha", title, number))),
            "donor": bytea_text(pick(voters, "alpha voter", title, number)),
            "token_quantity": None,
        }


def _round_name(themes: str) -> str:
    names = {
        "oss": "Open Source Software",
        "climate": "Climate Solutions",
        "ethinfra": "Ethereum Infrastructure",
    }
    return next((name for theme, name in names.items() if theme in themes), "Open Source Software")


def _titles(files: RealFiles) -> dict[str, tuple[str, str]]:
    """Title and round by lower-case address; the title the sums go by where the list has another."""
    summed = {row["payoutaddress"].lower(): row["title"] for row in _funding(files)}
    listed = {p["address"].lower(): p for p in files.document("projects-list.json")}
    return {address: (summed.get(address, p["title"]), p["roundName"]) for address, p in listed.items()}


def grantee_addresses(files: RealFiles) -> Iterator[Record]:
    """Rows of AlphaRoundGranteeAddresses: the list of projects, then grantees only the sums know."""
    listed = files.document("projects-list.json")
    records = [(p["title"], p["address"], p["roundName"], p["roundId"]) for p in listed]
    titles = {p["title"] for p in listed}
    records += [
        (row["title"], row["payoutaddress"], _round_name(row["themes"]), None)
        for row in _funding(files)
        if row["title"] not in titles
    ]
    for number, (title, address, round_name, round_address) in enumerate(records, start=1):
        yield {
            "id": number,
            "title": title,
            "address": address,
            "round_name": round_name,
            "round_address": round_address,
        }


def matching(files: RealFiles) -> Iterator[Record]:
    """Rows of AlphaMatching."""
    for number, row in enumerate(_funding(files), start=1):
        yield {
            "id": number,
            "round_num": 16,
            "grant_id": None,
            "title": row["title"],
            "match_amount_dai": float(row["total_match_amount"]),
            "sub_round_slug": row["themes"].strip("[]'") or None,
        }


def _funding(files: RealFiles) -> list[Row]:
    """One line per grantee: the file repeats a grantee, sums included, for each of its GitHub owners."""
    rows = files.rows(FUNDING, "title", "total_crowdfund_amount", "total_match_amount", "payoutaddress")
    return list({(row["title"], row["payoutaddress"]): row for row in rows}.values())
