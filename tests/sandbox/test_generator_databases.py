"""The generated source databases: repeatable, consistent, skewed, and odd where upstream is odd."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from sandbox.generator.seeding import Readers, fill_databases
from sandbox.generator.source import generated_source
from sandbox.generator.table_files import columns
from sandbox.layout import Sandbox
from tests.support.generator_sources import Sources, empty_sources, fingerprints, query, value

pytestmark = pytest.mark.postgres
SCALE = 5_000
INDEXER_TABLES = ("applications", "applications_payouts", "donations", "round_roles", "rounds")


def fill(sources: Sources, scale: int, readers: Readers | None = None) -> None:
    fill_databases(generated_source(scale), sources.indexer, sources.maci, scale, readers or Readers())


@pytest.fixture(scope="module")
def filled(postgres_cluster: Sandbox) -> Iterator[Sources]:
    with empty_sources(postgres_cluster) as sources:
        fill(sources, SCALE)
        yield sources


def test_the_same_scale_gives_the_same_rows(postgres_cluster: Sandbox, filled: Sources) -> None:
    with empty_sources(postgres_cluster) as again:
        fill(again, SCALE)
        assert fingerprints(again.indexer) == fingerprints(filled.indexer)
        assert fingerprints(again.maci) == fingerprints(filled.maci)
    assert fingerprints(filled.indexer)["chain_data_87.donations"][0] == SCALE


def test_known_rows_never_change(filled: Sources) -> None:
    """Any change of a draw shows here, on every machine."""
    assert query(
        filled.indexer,
        "SELECT left(id, 10), chain_id, round_id, application_id, amount_in_usd FROM chain_data_87.donations"
        " ORDER BY id LIMIT 2",
    ) == [
        ("0x000fb1b7", 43114, "40", "1", pytest.approx(4.97)),
        ("0x002a1d88", 424, "0xb9f79753c99c511d3f82bda7120a77fb8f859a91", "0", 24.0),
    ]


@pytest.mark.parametrize("table", INDEXER_TABLES)
def test_columns_are_those_the_warehouse_lands(filled: Sources, table: str) -> None:
    found = query(
        filled.indexer,
        "SELECT a.attname, t.typtype::text, replace(replace("
        "format_type(a.atttypid, a.atttypmod), ',', ', '), 'timestamp with time zone', 'timestamptz')"
        " FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid"
        f" WHERE a.attrelid = 'chain_data_87.{table}'::regclass AND a.attnum > 0 ORDER BY a.attnum",
    )
    upstream = [(name, "text" if kind == "e" else type_) for name, kind, type_ in found]
    landed = [(column.name, column.type) for column in columns("landing", f"indexer_{table}")]
    assert upstream == landed


def test_enums_live_in_the_version(filled: Sources) -> None:
    for schema in ("chain_data_86", "chain_data_87", "chain_data_88"):
        assert query(
            filled.indexer,
            "SELECT typname FROM pg_type"
            f" WHERE typnamespace = '{schema}'::regnamespace AND typtype = 'e' ORDER BY 1",
        ) == [("application_status",), ("project_type",), ("round_role_name",)]


@pytest.mark.parametrize("schema", ["chain_data_86", "chain_data_87", "chain_data_88"])
def test_every_donation_has_its_application_and_round(filled: Sources, schema: str) -> None:
    assert value(filled.indexer, f"SELECT count(*) FROM {schema}.donations") > SCALE / 50
    orphans = f"""
        SELECT count(*) FROM {schema}.donations AS d
        LEFT JOIN {schema}.applications AS a
          ON (a.chain_id, a.round_id, a.id) = (d.chain_id, d.round_id, d.application_id)
        LEFT JOIN {schema}.rounds AS r ON (r.chain_id, r.id) = (d.chain_id, d.round_id)
        WHERE a.id IS NULL OR r.id IS NULL OR a.status <> 'APPROVED' OR a.project_id <> d.project_id"""
    assert value(filled.indexer, orphans) == 0


@pytest.mark.parametrize("schema", ["chain_data_86", "chain_data_87", "chain_data_88"])
@pytest.mark.parametrize(("table", "key"), [("rounds", "r.id"), ("applications", "r.round_id, r.id")])
def test_totals_agree_with_the_donations(filled: Sources, schema: str, table: str, key: str) -> None:
    donation_key = "d.round_id" if table == "rounds" else "d.round_id, d.application_id"
    differing = f"""
        SELECT count(*) FROM {schema}.{table} AS r
        CROSS JOIN LATERAL (
          SELECT count(*) AS n, count(DISTINCT donor_address) AS donors,
            coalesce(sum(amount_in_usd::numeric), 0)::real AS usd
          FROM {schema}.donations AS d WHERE (d.chain_id, {donation_key}) = (r.chain_id, {key})) AS d
        WHERE (r.total_donations_count, r.unique_donors_count, r.total_amount_donated_in_usd)
          <> (d.n, d.donors, d.usd)"""
    assert value(filled.indexer, differing) == 0
    assert value(filled.indexer, f"SELECT max(total_donations_count) FROM {schema}.{table}") > 10


def rows_per_chain(dsn: str, schema: str) -> dict[int, int]:
    return dict(query(dsn, f"SELECT chain_id, count(*) FROM {schema}.donations GROUP BY chain_id"))


def test_advertised_version_is_half_indexed(filled: Sources) -> None:
    complete = rows_per_chain(filled.indexer, "chain_data_87")
    half = rows_per_chain(filled.indexer, "chain_data_88")
    assert complete.keys() - half.keys() == {10}
    shorter = {chain for chain in half if half[chain] < complete[chain]}
    assert shorter == {1, 137, 324, 8453, 42161, 534352}
    assert 0.3 * SCALE < sum(half.values()) < 0.8 * SCALE


def test_half_indexed_version_holds_the_first_rows_of_a_chain(filled: Sources) -> None:
    first_missing, last_held = query(
        filled.indexer,
        "SELECT min(c.timestamp) FILTER (WHERE h.id IS NULL), max(h.timestamp)"
        " FROM chain_data_87.donations AS c LEFT JOIN chain_data_88.donations AS h USING (id)"
        " WHERE c.chain_id = 42161",
    )[0]
    assert last_held < first_missing


def test_older_version_ends_earlier(filled: Sources) -> None:
    last = "SELECT max(timestamp)::date::text FROM chain_data_{}.donations"
    assert value(filled.indexer, last.format(86)) < "2024-10-01" < value(filled.indexer, last.format(87))


def test_all_chains_are_there(filled: Sources) -> None:
    expected = {1, 10, 137, 250, 324, 424, 1329, 8453, 42161, 43114, 534352, 11155111}
    assert rows_per_chain(filled.indexer, "chain_data_87").keys() == expected


@pytest.mark.parametrize(
    ("column", "least"), [("donor_address", 0.40), ("(chain_id, round_id)", 0.40), ("project_id", 0.30)]
)
def test_a_tenth_gets_much_of_it(filled: Sources, column: str, least: float) -> None:
    share = f"""
        SELECT sum(n) FILTER (WHERE place <= groups / 10.0 + 1) / sum(n) FROM (
          SELECT count(*) AS n, count(*) OVER () AS groups,
            row_number() OVER (ORDER BY count(*) DESC) AS place
          FROM chain_data_87.donations GROUP BY {column}) AS ranked"""
    assert value(filled.indexer, share) > least


ODDITIES = {
    "worth nothing": "donations WHERE amount_in_usd = 0 AND amount > 0",
    "worth a fraction of a cent": "donations WHERE amount_in_usd > 0 AND amount_in_usd < 0.01",
    "given by a whale": "donations WHERE amount_in_usd > 300",
    "more than 64 bits": "donations WHERE amount > 9223372036854775807",
    "after the archive was frozen": "donations WHERE timestamp > '2024-08-01'",
    "several in one transaction": """(SELECT transaction_hash FROM donations
        GROUP BY 1 HAVING count(DISTINCT project_id) > 1) AS x""",
    "equal donations": """(SELECT 1 FROM donations
        GROUP BY donor_address, amount, amount_in_usd, timestamp, project_id, round_id, transaction_hash
        HAVING count(*) > 1) AS x""",
    "no metadata": "applications WHERE metadata IS NULL",
    "no title": "applications WHERE metadata #> '{application,project,title}' = 'null'",
    "apostrophe": "applications WHERE metadata #>> '{application,project,title}' LIKE '%''%'",
    "double quote": "applications WHERE metadata #>> '{application,project,title}' LIKE '%\"%'",
    "right to left": "applications WHERE metadata #>> '{application,project,title}' ~ '[א-ي]'",
    "emoji": "applications WHERE metadata #>> '{application,project,title}' LIKE '%🌱%'",
    "line break": "applications WHERE metadata #>> '{application,project,title}' LIKE E'%\\n%'",
    "mixed-case recipient": """applications
        WHERE metadata #>> '{application,recipient}' <> lower(metadata #>> '{application,recipient}')""",
    "about 4 kB of metadata": "applications WHERE length(metadata::text) BETWEEN 3500 AND 4500",
    "awkward tags": "applications WHERE 'a, b' = ANY (tags)",
    "rejected": "applications WHERE status = 'REJECTED'",
    "in review": "applications WHERE status = 'IN_REVIEW'",
    "no round metadata": "rounds WHERE round_metadata IS NULL",
    "quadratic funding settings": "rounds WHERE round_metadata ? 'quadraticFundingConfig'",
    "never distributed": "rounds WHERE matching_distribution IS NULL AND donations_end_time < '2024-06-01'",
    "empty distribution": "rounds WHERE matching_distribution = '{\"matchingDistribution\": []}'",
    "real distribution": "rounds WHERE matching_distribution #> '{matchingDistribution,1}' IS NOT NULL",
    "payout time as number": """rounds
        WHERE jsonb_typeof(matching_distribution -> 'blockTimestamp') = 'number'""",
    "payout time as text": """rounds
        WHERE jsonb_typeof(matching_distribution -> 'blockTimestamp') = 'string'""",
    "percentages too large": """rounds
        CROSS JOIN jsonb_array_elements(matching_distribution -> 'matchingDistribution') AS e
        WHERE id = '0xa1d52f9b5339792651861329a046dd912761e9a9'
          AND (e ->> 'matchPoolPercentage')::numeric > 1000000""",
    "open end": "rounds WHERE donations_end_time IS NULL",
    "allo v1": "rounds WHERE id ~ '^0x[0-9a-f]{40}$' AND strategy_name = 'allov1.QF'",
    "allo v2": "rounds WHERE id ~ '^[0-9]+$' AND strategy_name LIKE 'allov2.DonationVoting%'",
    "direct": "rounds WHERE strategy_name = 'allov1.Direct' AND total_donations_count = 0",
    "direct lite": "rounds WHERE strategy_name = 'allov2.DirectGrantsLiteStrategy'",
    "direct allocation": """rounds
        WHERE strategy_name = 'allov2.DirectAllocationStrategy' AND total_donations_count > 0""",
    "empty strategy": "rounds WHERE strategy_name = '' AND total_donations_count > 0",
    "unknown strategy": "rounds WHERE strategy_name IS NULL AND total_donations_count > 0",
    "no roles": "rounds AS r WHERE NOT EXISTS (SELECT FROM round_roles AS x WHERE x.round_id = r.id)",
    "several operators": """(SELECT 1 FROM round_roles GROUP BY chain_id, round_id
        HAVING count(DISTINCT address) > 2) AS x""",
    "admin who manages": """(SELECT 1 FROM round_roles GROUP BY chain_id, round_id, address
        HAVING count(DISTINCT role) = 2) AS x""",
    "paid in instalments": """(SELECT 1 FROM applications_payouts GROUP BY chain_id, round_id, application_id
        HAVING count(*) > 1) AS x""",
    "one project in several rounds": """(SELECT project_id FROM applications GROUP BY 1
        HAVING count(DISTINCT round_id) > 1) AS x""",
    "linked project": "projects WHERE project_type = 'linked'",
    "test network": "donations WHERE chain_id = 11155111",
}


@pytest.mark.parametrize("oddity", ODDITIES)
def test_odd_rows_exist(filled: Sources, oddity: str) -> None:
    with psycopg.connect(filled.indexer, options="-c search_path=chain_data_87") as connection:
        assert connection.execute(f"SELECT count(*) FROM {ODDITIES[oddity]}").fetchone() > (0,)


def test_percentages_of_a_round_are_parts_of_one(filled: Sources) -> None:
    sums = query(
        filled.indexer,
        "SELECT sum((e ->> 'matchPoolPercentage')::numeric) FROM chain_data_87.rounds,"
        " jsonb_array_elements(matching_distribution -> 'matchingDistribution') AS e"
        " WHERE id <> '0xa1d52f9b5339792651861329a046dd912761e9a9' GROUP BY chain_id, id",
    )
    assert len(sums) > 10
    assert all(float(total) == pytest.approx(1, abs=1e-4) for (total,) in sums)


@pytest.mark.parametrize("scale", [0, 1, 10])
def test_tiny_scales_fill_everything(postgres_cluster: Sandbox, scale: int) -> None:
    with empty_sources(postgres_cluster) as sources:
        fill(sources, scale)
        assert value(sources.indexer, "SELECT count(*) FROM chain_data_87.donations") == scale
        assert value(sources.indexer, "SELECT count(*) FROM chain_data_87.rounds") == 40
        assert value(sources.maci, "SELECT count(*) FROM chain_data_100.contributions") == 40


def test_filling_again_forgets_what_was_there(postgres_cluster: Sandbox) -> None:
    with empty_sources(postgres_cluster) as sources:
        fill(sources, 10)
        with psycopg.connect(sources.indexer) as connection:
            connection.execute("CREATE SCHEMA chain_data_89")
            connection.execute("CREATE TABLE chain_data_89.rounds AS TABLE chain_data_87.rounds")
            connection.execute("CREATE TABLE public.kept AS SELECT 1 AS one")
        fill(sources, 20)
        schemas = query(
            sources.indexer, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'chain%' ORDER BY 1"
        )
        assert schemas == [("chain_data_86",), ("chain_data_87",), ("chain_data_88",)]
        assert value(sources.indexer, "SELECT count(*) FROM chain_data_87.donations") == 20
        assert value(sources.indexer, "SELECT one FROM public.kept") == 1


def test_readers_may_read_and_no_more(postgres_cluster: Sandbox) -> None:
    with empty_sources(postgres_cluster) as sources:
        fill(sources, 10, Readers("indexer_reader", "maci_reader"))
        with psycopg.connect(sources.indexer) as connection:
            connection.execute("SET ROLE indexer_reader")
            assert connection.execute("SELECT count(*) FROM chain_data_88.rounds").fetchone() > (0,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("DELETE FROM chain_data_88.rounds")


def test_newest_maci_version_by_number_is_the_complete_one(filled: Sources) -> None:
    count = "SELECT count(*) FROM chain_data_{}.contributions"
    assert value(filled.maci, count.format(100)) == SCALE // 50 + 40
    assert 0 < value(filled.maci, count.format(93)) < SCALE // 50 + 40


def test_voice_credits_are_plausible_money(filled: Sources) -> None:
    usd = "SELECT {}(voice_credit_balance / 100000 * 3000) FROM chain_data_100.contributions"
    assert 1 < value(filled.maci, usd.format("avg")) < 100
    assert value(filled.maci, usd.format("min")) == 0


def test_maci_contributions_belong_to_maci_rounds(filled: Sources) -> None:
    assert query(
        filled.maci,
        "SELECT DISTINCT r.strategy_name FROM chain_data_100.contributions AS c"
        " LEFT JOIN chain_data_100.rounds AS r ON (r.chain_id, r.id) = (c.chain_id, c.round_id)",
    ) == [("allov2.MACIQF",)]
