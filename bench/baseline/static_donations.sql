SELECT
  timing.round_num::integer AS round_num,
  'Gitcoin Grants ' || timing.round_num AS round_name,
  lower(contribution.voter_address) AS donor_address,
  contribution."amountUSD"::real AS amount_in_usd,
  cgrant.payoutaddress AS recipient_address,
  contribution.created_on AT TIME ZONE 'UTC' AS timestamp,
  cgrant.name AS project_name,
  contribution.grant_id::text AS project_id,
  (100000 + timing.round_num)::text AS round_id,
  CASE contribution.checkout_type
    WHEN 'eth_std' THEN 1 WHEN 'eth_polygon' THEN 137 WHEN 'eth_zksync' THEN 324 ELSE 0
  END AS chain_id,
  'CGrants' AS source,
  nullif(contribution.tx_id, '') AS transaction_hash
FROM public."cgrantsContributions" AS contribution
LEFT JOIN (
  SELECT DISTINCT ON (grantid) grantid, name, payoutaddress FROM public."cgrantsGrants" ORDER BY grantid, id
) AS cgrant ON contribution.grant_id = cgrant.grantid
LEFT JOIN public."cgrantsRoundTimings" AS timing
  ON contribution.created_on AT TIME ZONE 'UTC' > timing.start_date
  AND contribution.created_on AT TIME ZONE 'UTC' < timing.end_date
UNION ALL
SELECT
  16, donation.round_name, '0' || lower(substring(donation.donor FROM 2)), donation.usd_amount::real,
  grantee.address, donation.block_time, donation.title, 'unknown', '', 1, 'Alpha', NULL
FROM public."AlphaRoundsAllDonations" AS donation
LEFT JOIN (
  SELECT DISTINCT ON (title) title, address FROM public."AlphaRoundGranteeAddresses" ORDER BY title, id
) AS grantee ON donation.title = grantee.title
