/*
description: >
  Volume attributed to addresses, from four streams - donations, distributions, MACI contributions and Dune.
  One event per transaction, round, role and address. Donors and grantees are credited with what they gave
  or received; operators and strategy developers of the round share the transaction's total evenly.
amount: gmv
timestamp: tx_timestamp
indexes: [[tx_timestamp]]
grows:
  with: public.donations
  beside:
    - intermediate.distributions
    - landing.maci_contributions
    - public.allov2_distribution_events_for_leaderboard
  together: [chain_id, round_id, transaction_hash, timestamp]
columns:
  name: "ENS name of the address."
  address: "Address, lower case."
  role: "donor, grantee, round_operator or contract_dev."
  gmv: "Volume in USD, at least 0.5."
  tx_timestamp: "Time of the transaction."
  tx_hash: "Transaction; null for matching not paid through the contract."
  blockchain: "Chain as Dune names it."
  strategy_name: "Allocation strategy; an empty one means allov1.QF."
  data_source: "donation, distribution, maci_contribution or dune."
checks:
  - min_rows: 1
    not_null: [address, role, gmv, data_source]
    range: {gmv: {min: 0.5, max: 100000000}}
  - severity: ask
    max_fall_pct: 2
    max_rise_pct: 25
    totals: {by: data_source, max_fall_pct: 5, max_rise_pct: 100, floor_rows: 10, floor_amount: 1000}
*/
-- Grouping sets give the sums per donor, per grantee and in total of each transaction in one pass. Amounts
-- are added in double precision: a sum of real depends on the order of rows, and so would the threshold.
-- Rounds are joined by number, before the sums multiply the rows: texts of 66 letters are hashed once each.
WITH donations AS (
  SELECT
    'donation' AS data_source,
    donation.chain_id,
    fact.round_no,
    donation.transaction_hash AS tx_hash,
    donation.timestamp AS tx_timestamp,
    CASE grouping(donation.donor_address, donation.recipient_address)
      WHEN 1 THEN 'donor'
      WHEN 2 THEN 'grantee'
    END AS role,
    lower(coalesce(donation.donor_address, donation.recipient_address)) AS address,
    CASE grouping(donation.donor_address, donation.recipient_address)
      WHEN 3 THEN fact.round_no
    END AS sharing_round_no,
    sum(donation.amount_in_usd::double precision) AS gmv
  FROM public.donations AS donation
  LEFT JOIN intermediate.round_facts AS fact
    ON
      donation.chain_id = fact.chain_id
      AND donation.round_id = fact.round_id
      AND fact.indexer = 'grants_stack'
  GROUP BY
    donation.chain_id, fact.round_no, donation.transaction_hash, donation.timestamp,
    -- Rounds that nobody knows have no number to keep them apart.
    CASE WHEN fact.round_no IS NULL THEN donation.round_id END,
    GROUPING SETS ((donation.donor_address), (donation.recipient_address), ())
  -- What is below the threshold in total is below it in every share.
  HAVING sum(donation.amount_in_usd::double precision) >= 0.5
),

distributions AS (
  SELECT
    'distribution' AS data_source,
    paid.chain_id,
    fact.round_no,
    paid.transaction_hash AS tx_hash,
    paid.timestamp AS tx_timestamp,
    CASE grouping(paid.recipient_address) WHEN 0 THEN 'grantee' END AS role,
    paid.recipient_address AS address,
    CASE grouping(paid.recipient_address) WHEN 1 THEN fact.round_no END AS sharing_round_no,
    sum(paid.amount_in_usd) AS gmv
  FROM intermediate.distributions AS paid
  LEFT JOIN intermediate.round_facts AS fact
    ON
      paid.chain_id = fact.chain_id
      AND paid.round_id = fact.round_id
      AND fact.indexer = 'grants_stack'
  WHERE paid.amount_in_usd > 0
  GROUP BY
    paid.chain_id, fact.round_no, paid.transaction_hash, paid.timestamp,
    CASE WHEN fact.round_no IS NULL THEN paid.round_id END,
    GROUPING SETS ((paid.recipient_address), ())
  HAVING sum(paid.amount_in_usd) >= 0.5
),

-- 100,000 voice credits cost 3,000 USD.
maci_contributions AS (
  SELECT
    'maci_contribution' AS data_source,
    contribution.chain_id,
    fact.round_no,
    contribution.transaction_hash AS tx_hash,
    contribution.timestamp AS tx_timestamp,
    CASE grouping(contribution.contributor_address) WHEN 0 THEN 'donor' END AS role,
    lower(contribution.contributor_address) AS address,
    CASE grouping(contribution.contributor_address) WHEN 1 THEN fact.round_no END AS sharing_round_no,
    (sum(contribution.voice_credit_balance) / 100000 * 3000)::double precision AS gmv
  FROM landing.maci_contributions AS contribution
  LEFT JOIN intermediate.round_facts AS fact
    ON
      contribution.chain_id = fact.chain_id
      AND contribution.round_id = fact.round_id
      AND fact.indexer = 'maci'
  GROUP BY
    contribution.chain_id, fact.round_no, contribution.transaction_hash, contribution.timestamp,
    CASE WHEN fact.round_no IS NULL THEN contribution.round_id END,
    GROUPING SETS ((contribution.contributor_address), ())
),

flows AS (
  SELECT * FROM donations
  UNION ALL
  SELECT * FROM distributions
  UNION ALL
  SELECT * FROM maci_contributions
),

-- A flow with a role goes to its address; a total has none and goes to everybody who shares in the round.
events AS (
  SELECT
    flow.data_source,
    flow.tx_timestamp,
    flow.tx_hash,
    coalesce(chain.dune_name, lower(chain.name)) AS blockchain,
    fact.strategy_name,
    coalesce(flow.role, share.role) AS role,
    coalesce(flow.address, share.address) AS address,
    flow.gmv / coalesce(share.sharers, 1) AS gmv
  FROM flows AS flow
  LEFT JOIN reference.chains AS chain ON flow.chain_id = chain.chain_id
  LEFT JOIN intermediate.round_facts AS fact ON flow.round_no = fact.round_no
  LEFT JOIN intermediate.round_shares AS share ON flow.sharing_round_no = share.round_no
  WHERE chain.is_test IS NOT TRUE
  UNION ALL
  SELECT
    'dune' AS data_source,
    event.tx_timestamp,
    event.tx_hash,
    event.blockchain,
    coalesce(nullif(event.strategy_name, ''), 'allov1.QF') AS strategy_name,
    event.role,
    lower(event.address) AS address,
    event.gmv
  FROM public.allov2_distribution_events_for_leaderboard AS event
  LEFT JOIN reference.chains AS chain ON event.blockchain = chain.dune_name
  WHERE
    chain.is_test IS NOT TRUE
    -- The donation stream has these already.
    AND event.strategy_name IS DISTINCT FROM 'DonationVotingMerkleDistributionDirectTransferStrategy'
),

ens_names AS (
  SELECT
    lower(ens_name.address) AS address,
    min(ens_name.name) AS name
  FROM landing.ens_names AS ens_name
  GROUP BY lower(ens_name.address)
)

SELECT
  ens_name.name,
  event.address,
  event.role,
  event.gmv,
  event.tx_timestamp,
  event.tx_hash,
  event.blockchain,
  event.strategy_name,
  event.data_source
FROM events AS event
LEFT JOIN ens_names AS ens_name ON event.address = ens_name.address
WHERE
  event.gmv >= 0.5
  AND event.address <> ''
  AND event.address <> '0x0000000000000000000000000000000000000000'
