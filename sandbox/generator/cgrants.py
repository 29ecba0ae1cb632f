"""cGrants, the grants platform before Allo: rounds 1 to 15, and generated grants and matching for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from psycopg import sql
from psycopg.types.json import Json

from sandbox.generator.files import Record
from sandbox.generator.identity import address, draw, mixed_case
from sandbox.generator.scripts import script
from sandbox.generator.vocabulary import project_title

# First and last day of each round, as announced.
CALENDAR = (
    ("2019-02-01", "2019-02-15"), ("2019-03-05", "2019-04-19"), ("2019-09-16", "2019-10-04"),
    ("2020-01-06", "2020-01-21"), ("2020-03-23", "2020-04-07"), ("2020-06-15", "2020-07-03"),
    ("2020-09-14", "2020-10-02"), ("2020-12-01", "2020-12-17"), ("2021-03-10", "2021-03-25"),
    ("2021-06-16", "2021-07-01"), ("2021-09-08", "2021-09-23"), ("2021-12-01", "2021-12-16"),
    ("2022-03-09", "2022-03-24"), ("2022-06-08", "2022-06-23"), ("2022-09-07", "2022-09-22"),
)  # fmt: skip
FEWEST_GRANTS = 30
CONTRIBUTIONS_PER_GRANT = 300
FEWEST_CONTRIBUTIONS = 40
SUB_ROUNDS = ("gitcoin-main", "climate", "dapp-tech")


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def round_timings() -> list[Record]:
    """Rows of cgrantsRoundTimings; a round starts and ends at 15:00 UTC."""
    return [
        {
            "id": number,
            "round_num": number,
            "start_date": day(start) + timedelta(hours=15),
            "end_date": day(end) + timedelta(hours=15),
        }
        for number, (start, end) in enumerate(CALENDAR, start=1)
    ]


def contribution_count(scale: int) -> int:
    return scale // 5 + FEWEST_CONTRIBUTIONS


def grant_count(scale: int) -> int:
    return contribution_count(scale) // CONTRIBUTIONS_PER_GRANT + FEWEST_GRANTS


def grant_id(number: int) -> int:
    """cGrants numbers grants apart from the table's own id; sql/cgrants_contributions.sql does the same."""
    return 100 + 3 * number


def contributions_query(scale: int, donors: int) -> sql.Composed:
    """One row per contribution, columns as in the table file; needs the functions of sql/staging.sql."""
    timings = [
        {**timing, "start_date": timing["start_date"].isoformat(), "end_date": timing["end_date"].isoformat()}
        for timing in round_timings()
    ]
    return script(
        "cgrants_contributions",
        timings=sql.Literal(Json(timings)),
        contributions=contribution_count(scale),
        grants=grant_count(scale),
        donors=donors,
    )


def grants(scale: int) -> Iterator[Record]:
    """Rows of cgrantsGrants; every ninth has no payout address."""
    for number in range(grant_count(scale)):
        payout = None if number % 9 == 8 else mixed_case(address("recipient", number))
        yield {
            "id": number + 1,
            "grantid": grant_id(number),
            "createdon": day("2019-01-15") + timedelta(days=number % 1_200),
            "name": project_title(number),
            "slug": f"grant-{number}",
            "websiteurl": f"https://project{number}.example.org/",
            "logo": f"/media/grants/{number}.png",
            "payoutaddress": payout,
            "newgrantid": None,
            "twitter": "" if number % 4 == 0 else f"project{number}",
            "github": f"https://github.com/project{number}/project{number}",
            "region": ("europe", "africa", "east_asia", None)[number % 4],
            "description": f"{project_title(number)}: maintained in the open.",
        }


def matches(scale: int) -> Iterator[Record]:
    """Rows of cgrantsMatches: a third of the grants in each round; the first rounds have no payout date."""
    number = 0
    for timing in round_timings():
        round_num = timing["round_num"]
        for grant in range(round_num % 3, grant_count(scale), 3):
            number += 1
            yield {
                "id": number,
                "round_num": round_num,
                "sub_round_id": round_num * 10 + grant % len(SUB_ROUNDS),
                "sub_round_slug": SUB_ROUNDS[grant % len(SUB_ROUNDS)],
                "grant_id": grant_id(grant),
                "match_amount": round(10_000 * draw("match", round_num, grant) ** 3, 2),
                "payout_tx_date": timing["end_date"] + timedelta(days=30) if round_num > 2 else None,
            }
