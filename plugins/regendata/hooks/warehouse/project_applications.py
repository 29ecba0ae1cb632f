"""What projects say of themselves, out of the applications of Grants Stack and the grants of cGrants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql

from regendata.hooks.postgres import PgConnection
from regendata.hooks.warehouse.schema import columns
from regendata.models.relation import Relation

#: In the order of preference: before the first refresh only the frozen copy is there.
APPLICATIONS = (
    Relation("public", "applications"),
    Relation("static_indexer_chain_data_75", "applications"),
)
GRANTS = Relation("public", "cgrantsGrants")
CONTRIBUTIONS = Relation("public", "cgrantsContributions")
MANUAL_LINKS = Relation("public", "manual_project_links")

_OF_INDEXER = sql.SQL("""
SELECT
  'indexer' AS source,
  concat_ws('/', application.chain_id, application.round_id, application.id) AS application,
  application.project_id,
  -- Milliseconds; anything else is no time.
  CASE
    WHEN application.metadata #>> '{{application,project,createdAt}}' ~ '^[0-9]{{1,14}}$'
      THEN to_timestamp((application.metadata #>> '{{application,project,createdAt}}')::bigint / 1000)
  END AS created_at,
  CASE
    WHEN pg_input_is_valid(application.status_snapshots #>> '{{0,updatedAt}}', 'timestamptz')
      THEN (application.status_snapshots #>> '{{0,updatedAt}}')::timestamptz
  END AS applied_at,
  application.total_amount_donated_in_usd::double precision AS amount_in_usd,
  application.metadata #>> '{{application,project,title}}' AS title,
  application.metadata #>> '{{application,project,website}}' AS website,
  application.metadata #>> '{{application,recipient}}' AS payout_address,
  application.metadata #>> '{{application,project,projectTwitter}}' AS project_twitter,
  application.metadata #>> '{{application,project,projectGithub}}' AS project_github
FROM {applications} AS application
WHERE application.project_id <> '' AND application.chain_id <> ALL({test_chains})
ORDER BY application.chain_id, application.round_id COLLATE "C", application.id COLLATE "C"
""")
_OF_CGRANTS = sql.SQL("""
WITH contributed AS (
  SELECT
    contribution.grant_id,
    -- Exact, so that the order of rows does not change the sum.
    sum(contribution."amountUSD"::numeric)::double precision AS amount_in_usd
  FROM {contributions} AS contribution
  GROUP BY contribution.grant_id
)

SELECT DISTINCT ON (cgrant.grantid)
  'cGrants' AS source,
  cgrant.grantid::text AS application,
  cgrant.grantid::text AS project_id,
  cgrant.createdon AS created_at,
  cgrant.createdon AS applied_at,
  contributed.amount_in_usd,
  cgrant.name AS title,
  cgrant.websiteurl AS website,
  cgrant.payoutaddress AS payout_address,
  cgrant.twitter AS project_twitter,
  cgrant.github AS project_github
FROM {grants} AS cgrant
LEFT JOIN contributed ON cgrant.grantid = contributed.grant_id
WHERE cgrant.grantid IS NOT NULL
ORDER BY cgrant.grantid, cgrant.id
""")
_LINKS = sql.SQL("""
SELECT link.project_id_1, link.project_id_2
FROM {links} AS link
WHERE link.project_id_1 <> '' AND link.project_id_2 <> ''
ORDER BY 1, 2
""")


@dataclass(frozen=True)
class Inputs:
    """What groups are made of, as of one moment.

    :param applications: per source CSV with a header line, in one order whatever the server's.
    :param manual_links: pairs of project ids, as people wrote them.
    """

    applications: list[bytes]
    manual_links: list[tuple[str, str]]
    read_at: datetime | None


def read_inputs(conn: PgConnection, test_chains: list[int]) -> Inputs:
    """Read all of it in one snapshot; what a new warehouse does not have yet is left out."""
    wanted = (*APPLICATIONS, GRANTS, CONTRIBUTIONS, MANUAL_LINKS)
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = set(columns(conn, wanted))
        parts = [copy_out(conn, query) for query in _queries(found, test_chains)]
        query = _LINKS.format(links=_named(MANUAL_LINKS))
        links = conn.execute(query).fetchall() if MANUAL_LINKS in found else []
        read_at = conn.execute("SELECT now()").fetchone()
    return Inputs(parts, links, read_at[0] if read_at else None)


def copy_out(conn: PgConnection, query: sql.Composable) -> bytes:
    """Rows of a query as CSV with a header line; NULL is nothing, an empty text is quoted."""
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(query)
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        return b"".join(bytes(chunk) for chunk in copy)


def _queries(found: set[Relation], test_chains: list[int]) -> Iterator[sql.Composed]:
    applications = next((relation for relation in APPLICATIONS if relation in found), None)
    if applications:
        yield _OF_INDEXER.format(applications=_named(applications), test_chains=sql.Literal(test_chains))
    if {GRANTS, CONTRIBUTIONS} <= found:
        yield _OF_CGRANTS.format(grants=_named(GRANTS), contributions=_named(CONTRIBUTIONS))


def _named(relation: Relation) -> sql.Identifier:
    return sql.Identifier(*relation)
