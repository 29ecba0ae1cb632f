"""What can be wrong in the databases of the indexers."""

from __future__ import annotations

from sandbox import chaos_db
from tests.support.mutations import Mutation, Upstreams

VERSION = "chain_data_87"
MACI_VERSION = "chain_data_100"
#: The round with most donations, and the one with most that the frozen copy does not have.
_GROUPED = "GROUP BY chain_id, round_id ORDER BY count(*) DESC, round_id LIMIT 1)"
BIG = f"(SELECT chain_id, round_id FROM donations {_GROUPED}"
LIVE = f"(SELECT chain_id, round_id FROM donations WHERE timestamp > '2024-09-01' {_GROUPED}"
ONE = "(SELECT id FROM donations ORDER BY id LIMIT 1)"
SHARES = "matching_distribution -> 'matchingDistribution'"
DECIDED = f"(SELECT id FROM rounds WHERE jsonb_array_length({SHARES}) > 1 ORDER BY id LIMIT 1)"
#: A superuser may write what keys, references and NOT NULL forbid, once they are gone.
_UNGUARDED = (
    "SET session_replication_role = replica",
    "ALTER TABLE applications_payouts DROP CONSTRAINT applications_payouts_applications_fkey",
    "ALTER TABLE round_roles DROP CONSTRAINT round_roles_pkey",
    "ALTER TABLE donations DROP CONSTRAINT donations_pkey, ALTER id DROP NOT NULL",
    "ALTER TABLE applications DROP CONSTRAINT applications_pkey, ALTER round_id DROP NOT NULL",
)


def _indexer(reason: str, *statements: str) -> Mutation:
    """Statements in the version that is served."""

    def hurt(upstreams: Upstreams) -> None:
        upstreams.indexer.do(f"SET search_path TO {VERSION}", *_UNGUARDED, *statements)

    return Mutation(hurt, reason)


def _maci(reason: str, *statements: str) -> Mutation:
    return Mutation(
        lambda upstreams: upstreams.maci.do(f"SET search_path TO {MACI_VERSION}", *statements), reason
    )


def _share(reason: str, change: str) -> Mutation:
    """The first share of a decided round, changed by an expression over ``share``."""
    path = "'{matchingDistribution,0}'"
    return _indexer(
        reason,
        f"UPDATE rounds SET matching_distribution = jsonb_set(matching_distribution, {path}, changed.share) "
        f"FROM (SELECT id AS round, {change} AS share "
        f"FROM (SELECT id, {SHARES} -> 0 AS share FROM rounds) AS r) AS changed "
        f"WHERE changed.round = id AND id = {DECIDED}",
    )


def _drop_chain_everywhere(upstreams: Upstreams) -> None:
    for version in chaos_db.versions(upstreams.indexer.dsn):
        chaos_db.drop_chain(upstreams.indexer.dsn, 250, version)


DROPPED: dict[str, Mutation] = {
    "a chain dropped from every version": Mutation(_drop_chain_everywhere, "chain 250"),
    "applications of a chain gone": _indexer(
        r"applications has no rows any more for chain 250", "DELETE FROM applications WHERE chain_id = 250"
    ),
    "all donations gone": Mutation(
        lambda upstreams: upstreams.indexer.do(
            *(f"DELETE FROM chain_data_{number}.donations" for number in (86, 87, 88))
        ),
        r"version 87 has no rows for chain 1, 10, 137",
    ),
    "donations of one round gone": _indexer(
        r"public\.donations: totals chain_id, round_id: 1 of \d+ groups: chain_id \d+, round_id \S+: rows 0",
        f"DELETE FROM donations WHERE (chain_id, round_id) = {LIVE}",
    ),
    "the newest donations of a chain gone": _indexer(
        r"public\.donations: never_older chain_id: 1 of \d+ groups: chain_id \d+: newest .* after",
        "DELETE FROM donations WHERE id = (SELECT id FROM donations ORDER BY timestamp DESC LIMIT 1)",
    ),
    "a tenth of all donations gone": _indexer(
        r"public\.donations: max_fall rows: .* less",
        "DELETE FROM donations WHERE timestamp > '2024-09-01' AND hashtext(id) % 4 = 0",
    ),
    "a round without its row": _indexer(
        r"public\.applications: references chain_id, round_id -> public\.rounds: 1 unknown.*'round_id'",
        f"DELETE FROM rounds WHERE (chain_id, id) = {LIVE}",
    ),
    "all MACI contributions gone": _maci(
        "maci.*contributions|chain", "DELETE FROM messages", "DELETE FROM contributions"
    ),
}
AMOUNTS: dict[str, Mutation] = {
    "amounts of one round tenfold": _indexer(
        r"public\.donations: totals chain_id, round_id: .*round_id \S+: usd .* 900\.00 % more",
        f"UPDATE donations SET amount_in_usd = amount_in_usd * 10 WHERE (chain_id, round_id) = {BIG}",
    ),
    "amounts of one round a tenth": _indexer(
        r"public\.donations: totals chain_id, round_id: .*round_id \S+: usd .* 90\.00 % less",
        f"UPDATE donations SET amount_in_usd = amount_in_usd / 10 WHERE (chain_id, round_id) = {BIG}",
    ),
    "a negative amount": _indexer(
        r"public\.donations: range amount_in_usd: 1 row, expected from 0 .*'id': '0x",
        f"UPDATE donations SET amount_in_usd = -5 WHERE id = {ONE}",
    ),
    "a huge amount": _indexer(
        r"range amount_in_usd: 1 row.*10{30}", f"UPDATE donations SET amount_in_usd = 1e30 WHERE id = {ONE}"
    ),
    "an amount that is no number": _indexer(
        r"range amount_in_usd: 1 row.*'NaN'", f"UPDATE donations SET amount_in_usd = 'NaN' WHERE id = {ONE}"
    ),
    "a null amount": _indexer(
        r"not_null amount_in_usd: 1 NULL.*'id': '0x",
        f"UPDATE donations SET amount_in_usd = NULL WHERE id = {ONE}",
    ),
    "negative totals of an application": _indexer(
        r"public\.applications: range total_amount_donated_in_usd: 1 row.*'id'",
        "UPDATE applications SET total_amount_donated_in_usd = -1 "
        "WHERE ctid = (SELECT ctid FROM applications LIMIT 1)",
    ),
    "a negative matching pool": _indexer(
        r"public\.rounds: range match_amount_in_usd: 1 row.*'id'",
        f"UPDATE rounds SET match_amount_in_usd = -1 WHERE id = {DECIDED}",
    ),
    "MACI voice credits a thousandfold": _maci(
        r"totals data_source: .*data_source maci_contribution: usd",
        "UPDATE contributions SET voice_credit_balance = voice_credit_balance * 1000",
    ),
}
ROWS: dict[str, Mutation] = {
    "a timestamp in the future": _indexer(
        r"public\.donations: range timestamp: 1 row, expected .* up to tomorrow.*'timestamp': '2",
        f"UPDATE donations SET timestamp = timestamp + interval '9 years' WHERE id = {ONE}",
    ),
    "timestamps of 1970": _indexer(
        r"range timestamp: \d+ rows, expected from 2021-01-01.*'1970",
        f"UPDATE donations SET timestamp = to_timestamp(0) WHERE (chain_id, round_id) = {BIG}",
    ),
    "a donation without id": _indexer(
        r"public\.donations: not_null id: 1 NULL", f"UPDATE donations SET id = NULL WHERE id = {ONE}"
    ),
    "a donation without chain": _indexer(
        r"public\.donations: not_null chain_id: 1 NULL.*'id': '0x",
        f"UPDATE donations SET chain_id = NULL WHERE id = {ONE}",
    ),
    "a donation twice": _indexer(
        r"public\.donations: key is not unique: Key \(id\)=\(0x",
        f"INSERT INTO donations SELECT * FROM donations WHERE id = {ONE}",
    ),
    "a role twice": _indexer(
        r"public\.round_roles: key is not unique", "INSERT INTO round_roles SELECT * FROM round_roles LIMIT 1"
    ),
    "every donation twice under new ids": _indexer(
        r"public\.donations: max_rise rows: .* more",
        "UPDATE donations SET id = id WHERE false",
        "CREATE TEMP TABLE again AS SELECT * FROM donations",
        "UPDATE again SET id = id || '00'",
        "INSERT INTO donations SELECT * FROM again",
    ),
    "a donation to an unknown round": _indexer(
        r"references chain_id, round_id, application_id -> public\.applications: 1 unknown.*'0xnowhere'",
        f"UPDATE donations SET round_id = '0xnowhere' WHERE id = {ONE}",
    ),
    "a donation to an unknown application": _indexer(
        r"references chain_id, round_id, application_id -> .*: 1 unknown.*'application_id': '99999'",
        f"UPDATE donations SET application_id = '99999' WHERE id = {ONE}",
    ),
    "a payout to an unknown application": _indexer(
        r"public\.applications_payouts: references .* -> public\.applications: 1 unknown.*'99999'",
        "UPDATE applications_payouts SET application_id = '99999' "
        "WHERE id = (SELECT max(id) FROM applications_payouts)",
    ),
    "a status nobody knows": _indexer(
        r"public\.applications: accepted_values status: 1 row, expected one of PENDING.*'APPEALED'",
        "ALTER TYPE application_status ADD VALUE 'APPEALED'",
        "UPDATE applications SET status = 'APPEALED' WHERE ctid = (SELECT ctid FROM applications LIMIT 1)",
    ),
    "a chain nobody knows": _indexer(
        r"public\.rounds: references chain_id -> reference\.chains: 1 unknown",
        "ALTER TABLE rounds DROP CONSTRAINT rounds_projects_fkey",
        "CREATE TEMP TABLE mumbai AS SELECT * FROM rounds LIMIT 1",
        "UPDATE mumbai SET chain_id = 80001",
        "INSERT INTO rounds SELECT * FROM mumbai",
    ),
    "a donor that is no address": _indexer(
        r"holds donor_address is an address: 1 row.*'vitalik\.eth'",
        f"UPDATE donations SET donor_address = 'vitalik.eth' WHERE id = {ONE}",
    ),
    "an operator that is no address": _indexer(
        r"public\.round_roles: matches address: 1 row.*'0x12'",
        "UPDATE round_roles SET address = '0x12' WHERE ctid = (SELECT ctid FROM round_roles LIMIT 1)",
    ),
    "an application that is a list": _indexer(
        r"public\.applications: holds metadata is an object: 1 row",
        "UPDATE applications SET metadata = '[]' WHERE ctid = (SELECT ctid FROM applications LIMIT 1)",
    ),
}
MATCHING: dict[str, Mutation] = {
    "a matching distribution that is a list": _indexer(
        r"public\.rounds: holds matching_distribution is an object .*: 1 row.*'id'",
        f"UPDATE rounds SET matching_distribution = {SHARES} WHERE id = {DECIDED}",
    ),
    "a matching distribution without its list": _indexer(
        r"public\.rounds: holds matching_distribution is an object .*: 1 row.*'id'",
        f"UPDATE rounds SET matching_distribution = matching_distribution - 'matchingDistribution' "
        f"WHERE id = {DECIDED}",
    ),
    "a share without its application": _share(
        r"public\.rounds: holds every share .*: 1 row.*'id'", "share - 'applicationId'"
    ),
    "a share whose percentage is a text": _share(
        r"public\.rounds: holds every share .*: 1 row.*'id'",
        """jsonb_set(share, '{matchPoolPercentage}', '"a third"')""",
    ),
    "a share whose amount is a text": _share(
        r"public\.rounds: holds every share .*: 1 row.*'id'",
        """jsonb_set(share, '{matchAmountInToken}', '"1,5 ETH"')""",
    ),
    "a share of more than the pool": _share(
        r"public\.indexer_matching: range match_pool_percentage: 1 row, expected from 0 up to 1\.01",
        "jsonb_set(share, '{matchPoolPercentage}', '12')",
    ),
    "a share paid to no address": _share(
        r"public\.indexer_matching: matches project_payout_address: 1 row",
        """jsonb_set(share, '{projectPayoutAddress}', '"gitcoin.eth"')""",
    ),
    "a decided round without matching": _indexer(
        r"public\.indexer_matching: totals chain_id, round_id: 1 of \d+ groups: chain_id \d+, round_id \S+: ",
        f"UPDATE rounds SET matching_distribution = NULL WHERE id = {DECIDED}",
    ),
}
SHAPES: dict[str, Mutation] = {
    "a column removed": Mutation(
        lambda upstreams: chaos_db.drop_column(upstreams.indexer.dsn, "donations", "donor_address"),
        r"donations\.donor_address .*read by public\.donations",
    ),
    "a column retyped": Mutation(
        lambda upstreams: chaos_db.retype_column(upstreams.indexer.dsn, "donations", "amount_in_usd", "text"),
        r"donations\.amount_in_usd .*read by public\.donations",
    ),
    "a table removed": Mutation(
        lambda upstreams: upstreams.indexer.do(
            *(f"DROP TABLE chain_data_{number}.applications_payouts" for number in (86, 87, 88))
        ),
        "table applications_payouts was removed",
    ),
}
INDEXERS = DROPPED | AMOUNTS | ROWS | MATCHING | SHAPES
