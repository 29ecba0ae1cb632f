"""Real cGrants rows.

Real: round 3's contributions and grants, matching per grant of rounds 1 to 15.
Derived: ids of grants only the per-round totals know (from 1000000), payout dates (30 days after the round).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sandbox.generator.cgrants import round_timings
from sandbox.generator.files import Record
from sandbox.generator.real.files import RealFiles, Row

FIRST_DERIVED_GRANT = 1_000_000
GrantKey = tuple[str, str]
"""Title and payout address, which is all that tells grants of the totals apart."""


def contributions(files: RealFiles) -> Iterator[Record]:
    """Rows of cgrantsContributions: every one of round 3."""
    for row in files.rows(
        "cgrantsContributions_round3.csv", "id", "voter_address", "created_on", "amountUSD"
    ):
        yield {
            "id": int(row["id"]),
            "voter_address": row["voter_address"],
            "grant_id": int(row["grant_id"]),
            "created_on": datetime.fromisoformat(row["created_on"].removesuffix("Z")),
            "amountUSD": float(row["amountUSD"]),
            "checkout_type": row["checkout_type"],
            "tx_id": row["tx_id"],
            "match": None,
            "token_address": None,
            "token_symbol": None,
            "amountToken": None,
            "gas_price": None,
            "anonymous": None,
        }


def grants(files: RealFiles) -> Iterator[Record]:
    """Rows of cgrantsGrants: round 3's, then those known by name and address from the totals."""
    known = files.rows("cgrantsGrants_round3.csv", "grantid", "name", "payoutaddress")
    for number, row in enumerate(known, start=1):
        yield _grant(
            number,
            int(row["grantid"]),
            row["name"],
            row["payoutaddress"],
            slug=row["slug"],
            logo=row["logo"] or None,
        )
    others = {key: grant for key, grant in grant_ids(files).items() if grant >= FIRST_DERIVED_GRANT}
    github = {_key(row): row["github"] for row in _totals(files)}
    for number, (key, grant) in enumerate(others.items(), start=len(known) + 1):
        yield _grant(number, grant, key[0], key[1], github=github[key] or None)


def _grant(number: int, grant: int, name: str, payout: str, **known: str | None) -> Record:
    unknown = dict.fromkeys(
        (
            "createdon",
            "slug",
            "websiteurl",
            "logo",
            "newgrantid",
            "twitter",
            "github",
            "region",
            "description",
        )
    )
    return {**unknown, "id": number, "grantid": grant, "name": name, "payoutaddress": payout or None, **known}


def grant_ids(files: RealFiles) -> dict[GrantKey, int]:
    """Id of each grant of the totals: round 3's own where name or address agrees, else a derived one."""
    known = files.rows("cgrantsGrants_round3.csv", "grantid", "name", "payoutaddress")
    by_name = {row["name"].strip().lower(): int(row["grantid"]) for row in known}
    ids: dict[GrantKey, int] = {}
    for row in _totals(files):
        derived = FIRST_DERIVED_GRANT + len(ids)
        ids.setdefault(_key(row), by_name.get(row["title"].strip().lower(), derived))
    return ids


def matches(files: RealFiles) -> Iterator[Record]:
    """Rows of cgrantsMatches: what each grant was matched with in each round."""
    ids = grant_ids(files)
    ends = {timing["round_num"]: timing["end_date"] for timing in round_timings()}
    paid = (row for row in _totals(files) if float(row["total_match_amount"] or 0) > 0)
    for number, row in enumerate(paid, start=1):
        round_num = int(row["round_num"])
        yield {
            "id": number,
            "round_num": round_num,
            "sub_round_id": None,
            "sub_round_slug": row["themes"].strip("[]").split(",")[0].strip("'\" ") or None,
            "grant_id": ids[_key(row)],
            "match_amount": float(row["total_match_amount"]),
            "payout_tx_date": ends[round_num] + timedelta(days=30),
        }


def _totals(files: RealFiles) -> list[Row]:
    return files.rows("cGrantsByRound.csv", "round_num", "title", "total_match_amount", "payoutaddress")


def _key(row: Row) -> GrantKey:
    return row["title"], row["payoutaddress"]
