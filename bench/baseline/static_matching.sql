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
LEFT JOIN (
  SELECT DISTINCT ON (grantid) grantid, name, payoutaddress FROM public."cgrantsGrants" ORDER BY grantid, id
) AS cgrant ON matching.grant_id = cgrant.grantid
UNION ALL
SELECT
  matching.round_num::integer, matching.title, matching.match_amount_dai, grantee.address, 'unknown',
  matching.sub_round_slug, 1, timestamptz '2023-04-01 00:00:00+00'
FROM public."AlphaMatching" AS matching
LEFT JOIN (
  SELECT DISTINCT ON (title) title, address FROM public."AlphaRoundGranteeAddresses" ORDER BY title, id
) AS grantee ON matching.title = grantee.title
