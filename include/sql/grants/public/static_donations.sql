/*
description: Donations from before Grants Stack - cGrants (rounds 1-15) and the Alpha rounds (round 16).
amount: amount_in_usd
columns:
  round_num: "Number of the Gitcoin round; null for a cGrants contribution outside every round."
  round_name: "Name of the round."
  donor_address: "Who gave, lower case."
  amount_in_usd: "Amount in USD."
  recipient_address: "Payout address of the grant."
  timestamp: "When it was given."
  project_name: "Name of the grant."
  project_id: "Id of the grant; unknown for the Alpha rounds."
  round_id: "100000 + round number for cGrants, empty for the Alpha rounds."
  chain_id: "EIP-155 id of the chain; 0 where the checkout does not tell."
  source: "CGrants or Alpha."
  transaction_hash: "Transaction of the contribution; null for the Alpha rounds."
checks:
  - min_rows: 1
    not_null: [chain_id, source]
    accepted_values: {source: [CGrants, Alpha], chain_id: [0, 1, 137, 324]}
    range:
      amount_in_usd: {min: 0, max: 10000000}
      timestamp: {min: 2017-01-01, max: 2023-12-31}
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
  timing.round_num,
  'Gitcoin Grants ' || timing.round_num AS round_name,
  lower(contribution.voter_address) AS donor_address,
  contribution."amountUSD"::real AS amount_in_usd,
  cgrant.payoutaddress AS recipient_address,
  contribution.created_on AT TIME ZONE 'UTC' AS timestamp,
  cgrant.name AS project_name,
  contribution.grant_id::text AS project_id,
  (100000 + timing.round_num)::text AS round_id,
  CASE contribution.checkout_type
    WHEN 'eth_std' THEN 1
    WHEN 'eth_polygon' THEN 137
    WHEN 'eth_zksync' THEN 324
    ELSE 0
  END AS chain_id,
  'CGrants' AS source,
  nullif(contribution.tx_id, '') AS transaction_hash
FROM public."cgrantsContributions" AS contribution
LEFT JOIN grants AS cgrant ON contribution.grant_id = cgrant.grantid
CROSS JOIN
  LATERAL (
    -- An aggregate: a contribution stays one row, whether no round holds it or two.
    SELECT min(round_timing.round_num)::integer AS round_num
    FROM public."cgrantsRoundTimings" AS round_timing
    WHERE
      round_timing.start_date < contribution.created_on AT TIME ZONE 'UTC'
      AND contribution.created_on AT TIME ZONE 'UTC' < round_timing.end_date
  ) AS timing
UNION ALL
SELECT
  16 AS round_num,
  donation.round_name,
  -- Bytea text \x12ab becomes 0x12ab.
  '0' || lower(substring(donation.donor FROM 2)) AS donor_address,
  donation.usd_amount::real AS amount_in_usd,
  grantee.address AS recipient_address,
  donation.block_time AS timestamp,
  donation.title AS project_name,
  'unknown' AS project_id,
  '' AS round_id,
  1 AS chain_id,
  'Alpha' AS source,
  NULL AS transaction_hash
FROM public."AlphaRoundsAllDonations" AS donation
LEFT JOIN grantees AS grantee ON donation.title = grantee.title
