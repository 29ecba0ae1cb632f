"""Generated rows of the Alpha rounds (round 16), which ran between cGrants and Allo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from sandbox.generator.files import Record
from sandbox.generator.identity import address, draw, mixed_case
from sandbox.generator.vocabulary import project_title

ROUNDS = ("Climate Solutions", "Open Source Software", "Ethereum Infrastructure")
FIRST_DAY = datetime(2023, 1, 17, tzinfo=timezone.utc)
DAYS = 14
GRANTEES = 40
FEWEST_DONATIONS = 20
UNKNOWN_TITLE = "A title nobody registered"


def bytea_text(lower_address: str) -> str:
    r"""`0xabc` as PostgreSQL prints a bytea, `\xabc`."""
    return "\\" + lower_address.removeprefix("0")


def _title(number: int) -> str:
    return UNKNOWN_TITLE if number % 13 == 12 else project_title(number)


def donations(scale: int, donors: int) -> Iterator[Record]:
    """Rows of AlphaRoundsAllDonations; every thirteenth grantee has a title without an address."""
    for number in range(scale // 20 + FEWEST_DONATIONS):
        grantee = int(GRANTEES * draw("alpha grantee", number) ** 2)
        usd = round(1 + 30 * draw("alpha usd", number) ** 2, 2)
        yield {
            "id": number + 1,
            "title": _title(grantee),
            "round_name": ROUNDS[grantee % len(ROUNDS)],
            "usd_amount": usd,
            "block_time": FIRST_DAY + timedelta(seconds=int(DAYS * 86_400 * draw("alpha time", number))),
            "donor": bytea_text(address("account", int(donors * draw("alpha donor", number) ** 3))),
            "token_quantity": Decimal(str(usd)) / 1600,
        }


def grantee_addresses() -> Iterator[Record]:
    """Rows of AlphaRoundGranteeAddresses, addresses in mixed case."""
    for number in range(GRANTEES):
        if _title(number) != UNKNOWN_TITLE:
            yield {
                "id": number + 1,
                "title": _title(number),
                "address": mixed_case(address("recipient", number)),
                "round_name": ROUNDS[number % len(ROUNDS)],
                "round_address": address("alpha round", number % len(ROUNDS)),
            }


def matching() -> Iterator[Record]:
    """Rows of AlphaMatching."""
    for number in range(GRANTEES):
        yield {
            "id": number + 1,
            "round_num": 16,
            "grant_id": str(number),
            "title": _title(number),
            "match_amount_dai": round(8_000 * draw("alpha match", number) ** 2, 2),
            "sub_round_slug": ROUNDS[number % len(ROUNDS)].lower().replace(" ", "-"),
        }
