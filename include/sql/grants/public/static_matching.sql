/*
description: Matching from before Grants Stack - cGrants (rounds 1-15) and the Alpha rounds (round 16).
amount: match_amount_usd
columns:
  round_num: "Number of the Gitcoin round."
  title: "Name of the grant."
  match_amount_usd: "Matching in USD."
  payoutaddress: "Payout address of the grant."
  project_id: "Id of the grant; unknown for the Alpha rounds."
  round_id: "Slug of the sub-round."
  chain_id: "Always 1, Ethereum."
  timestamp: "Date of the payout transaction; 2023-04-01 for the Alpha rounds."
checks:
  - min_rows: 1
    not_null: [chain_id]
    range: {match_amount_usd: {min: 0, max: 10000000}}
  - {severity: ask, max_fall_pct: 0, max_rise_pct: 0}
*/
WITH grants AS (
  SELECT DISTINCT ON (cgrant.grantid)
    cgrant.grantid,
    cgrant.name,
    cgrant.payoutaddress
  FROM public."cgrantsGrants" AS cgrant
  ORDER BY cgrant.grantid, cgrant.id
),

grantees AS (
  SELECT DISTINCT ON (grantee.title)
    grantee.title,
    grantee.address
  FROM public."AlphaRoundGranteeAddresses" AS grantee
  ORDER BY grantee.title, grantee.id
)

SELECT
  matching.round_num::integer AS round_num,
  cgrant.name AS title,
  matching.match_amount AS match_amount_usd,
  cgrant.payoutaddress,
  matching.grant_id::text AS project_id,
  matching.sub_round_slug AS round_id,
  1 AS chain_id,
  matching.payout_tx_date AS timestamp
FROM public."cgrantsMatches" AS matching
LEFT JOIN grants AS cgrant ON matching.grant_id = cgrant.grantid
UNION ALL
SELECT
  matching.round_num::integer AS round_num,
  matching.title,
  matching.match_amount_dai AS match_amount_usd,
  grantee.address AS payoutaddress,
  'unknown' AS project_id,
  matching.sub_round_slug AS round_id,
  1 AS chain_id,
  timestamptz '2023-04-01 00:00:00+00' AS timestamp
FROM public."AlphaMatching" AS matching
LEFT JOIN grantees AS grantee ON matching.title = grantee.title
