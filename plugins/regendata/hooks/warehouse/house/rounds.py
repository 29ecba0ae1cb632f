"""What the published totals of a round were made from: the round itself, its donations and its payouts."""

from __future__ import annotations

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.house.reading import Row, rows

_TOTALS = """
SELECT * FROM public.round_totals WHERE "Chain ID" = %(chain)s AND lower("Round ID") = lower(%(round)s)
"""
# Both keys have an index; a round of the indexer is found by its own spelling.
_BEHIND = """
SELECT round.total_amount_donated_in_usd, round.total_donations_count, round.unique_donors_count,
  round.match_amount_in_usd, round.matching_distribution IS NOT NULL AS is_distributed,
  given.usd AS donations_usd, given.donations, given.donors, paid.usd AS payouts_usd, paid.payouts
FROM public.rounds AS round
CROSS JOIN LATERAL (
  SELECT coalesce(sum(amount_in_usd::double precision), 0) AS usd, count(*) AS donations,
    count(DISTINCT donor_address) AS donors
  FROM public.donations WHERE chain_id = round.chain_id AND round_id = round.id
) AS given
CROSS JOIN LATERAL (
  SELECT coalesce(sum(amount_in_usd::double precision), 0) AS usd, count(*) AS payouts
  FROM public.applications_payouts WHERE chain_id = round.chain_id AND round_id = round.id
) AS paid
WHERE round.chain_id = %(chain)s::integer AND round.id = %(round)s
"""
_DONATIONS = """
SELECT timestamp, donor_address, recipient_address, amount_in_usd, transaction_hash, source
FROM public.donations
WHERE chain_id = %(chain)s::integer AND round_id = %(round)s ORDER BY amount_in_usd DESC, id LIMIT %(most)s
"""
_PAYOUTS = """
SELECT timestamp, application_id, amount_in_usd, transaction_hash FROM public.applications_payouts
WHERE chain_id = %(chain)s::integer AND round_id = %(round)s ORDER BY amount_in_usd DESC LIMIT %(most)s
"""
_NEWEST = """
SELECT "Name", "Chain", "Chain ID", "Round ID", "Strategy", "Total USD", "Indexed Time"
FROM public.round_totals
WHERE "Round ID" <> '0' ORDER BY "Indexed Time" DESC NULLS LAST, "Total USD" DESC LIMIT %(most)s
"""


def totals(conn: PgConnection, chain: str, round_id: str) -> Row | None:
    """The published row; None for no such round."""
    found = rows(conn, _TOTALS, {"chain": chain, "round": round_id})
    return found[0] if found else None


def behind(conn: PgConnection, chain: str, round_id: str) -> Row | None:
    """The round as its indexer sums it up, and its donations and payouts added up anew; None for MACI's."""
    found = rows(conn, _BEHIND, {"chain": chain, "round": round_id})
    return found[0] if found else None


def donations(conn: PgConnection, chain: str, round_id: str, most: int) -> list[Row]:
    """The largest donations."""
    return rows(conn, _DONATIONS, {"chain": chain, "round": round_id, "most": most})


def payouts(conn: PgConnection, chain: str, round_id: str, most: int) -> list[Row]:
    """The largest payouts."""
    return rows(conn, _PAYOUTS, {"chain": chain, "round": round_id, "most": most})


def newest(conn: PgConnection, most: int) -> list[Row]:
    """Rounds to choose from, the last that ended first."""
    return rows(conn, _NEWEST, {"most": most})
