WITH round_strategies AS (
  SELECT chain_id, id AS round_id, donations_end_time, coalesce(nullif(strategy_name, ''), 'allov1.QF') AS strategy_name
  FROM obvious.rounds
),

operators AS (
  SELECT
    chain_id, round_id, lower(address) AS address,
    count(*) OVER (PARTITION BY chain_id, round_id) AS sharers
  FROM obvious.round_roles
  WHERE lower(address) NOT IN ('', '0x0000000000000000000000000000000000000000')
  GROUP BY chain_id, round_id, lower(address)
),

developers AS (
  SELECT
    strategy_name, chain_id, lower(address) AS address,
    count(*) OVER (PARTITION BY strategy_name, chain_id) AS sharers
  FROM reference.strategy_developers
  WHERE lower(address) NOT IN ('', '0x0000000000000000000000000000000000000000')
  GROUP BY strategy_name, chain_id, lower(address)
),

donation_totals AS (
  SELECT
    donation.chain_id, donation.round_id, donation.transaction_hash, donation.timestamp, round.strategy_name,
    sum(donation.amount_in_usd::double precision) AS gmv
  FROM obvious.donations AS donation
  LEFT JOIN round_strategies AS round
    ON donation.chain_id = round.chain_id AND donation.round_id = round.round_id
  GROUP BY
    donation.chain_id, donation.round_id, donation.transaction_hash, donation.timestamp, round.strategy_name
),

payments AS (
  SELECT
    matching.chain_id, matching.round_id, application.distribution_transaction AS transaction_hash,
    coalesce(matching.timestamp, round.donations_end_time) AS timestamp,
    matching.project_payout_address AS recipient_address, matching.match_amount_in_usd AS amount_in_usd,
    round.strategy_name
  FROM obvious.indexer_matching AS matching
  LEFT JOIN round_strategies AS round
    ON matching.chain_id = round.chain_id AND matching.round_id = round.round_id
  LEFT JOIN obvious.applications AS application
    ON matching.chain_id = application.chain_id
    AND matching.round_id = application.round_id
    AND matching.application_id = application.id
  UNION ALL
  SELECT
    payout.chain_id, payout.round_id, payout.transaction_hash, payout.timestamp,
    application.metadata #>> '{application,recipient}', payout.amount_in_usd::double precision,
    round.strategy_name
  FROM obvious.applications_payouts AS payout
  LEFT JOIN round_strategies AS round
    ON payout.chain_id = round.chain_id AND payout.round_id = round.round_id
  LEFT JOIN obvious.applications AS application
    ON payout.chain_id = application.chain_id
    AND payout.round_id = application.round_id
    AND payout.application_id = application.id
),

payment_totals AS (
  SELECT chain_id, round_id, transaction_hash, timestamp, strategy_name, sum(amount_in_usd) AS gmv
  FROM payments
  WHERE amount_in_usd > 0
  GROUP BY chain_id, round_id, transaction_hash, timestamp, strategy_name
),

maci_gifts AS (
  SELECT
    chain_id, round_id, transaction_hash, timestamp, contributor_address, 'MACIQF' AS strategy_name,
    (sum(voice_credit_balance) / 100000 * 3000)::double precision AS gmv
  FROM obvious_maci.contributions
  WHERE chain_id <> 11155111
  GROUP BY chain_id, round_id, transaction_hash, timestamp, contributor_address
),

maci_totals AS (
  SELECT chain_id, round_id, transaction_hash, timestamp, strategy_name, sum(gmv) AS gmv
  FROM maci_gifts
  GROUP BY chain_id, round_id, transaction_hash, timestamp, strategy_name
),

totals AS (
  SELECT *, 'donation' AS data_source FROM donation_totals
  UNION ALL
  SELECT *, 'distribution' FROM payment_totals
  UNION ALL
  SELECT *, 'maci_contribution' FROM maci_totals
),

events AS (
  SELECT
    'donation' AS data_source, donation.chain_id, donation.transaction_hash AS tx_hash,
    donation.timestamp AS tx_timestamp, round.strategy_name, 'donor' AS role,
    lower(donation.donor_address) AS address, sum(donation.amount_in_usd::double precision) AS gmv
  FROM obvious.donations AS donation
  LEFT JOIN round_strategies AS round
    ON donation.chain_id = round.chain_id AND donation.round_id = round.round_id
  GROUP BY
    donation.chain_id, donation.round_id, donation.transaction_hash, donation.timestamp, round.strategy_name,
    donation.donor_address
  UNION ALL
  SELECT
    'donation', donation.chain_id, donation.transaction_hash, donation.timestamp, round.strategy_name,
    'grantee', lower(donation.recipient_address), sum(donation.amount_in_usd::double precision)
  FROM obvious.donations AS donation
  LEFT JOIN round_strategies AS round
    ON donation.chain_id = round.chain_id AND donation.round_id = round.round_id
  GROUP BY
    donation.chain_id, donation.round_id, donation.transaction_hash, donation.timestamp, round.strategy_name,
    donation.recipient_address
  UNION ALL
  SELECT
    'distribution', chain_id, transaction_hash, timestamp, strategy_name, 'grantee', lower(recipient_address),
    sum(amount_in_usd)
  FROM payments
  WHERE amount_in_usd > 0
  GROUP BY chain_id, round_id, transaction_hash, timestamp, strategy_name, recipient_address
  UNION ALL
  SELECT
    'maci_contribution', chain_id, transaction_hash, timestamp, strategy_name, 'donor',
    lower(contributor_address), gmv
  FROM maci_gifts
  UNION ALL
  SELECT
    total.data_source, total.chain_id, total.transaction_hash, total.timestamp, total.strategy_name,
    'round_operator', operator.address, total.gmv / operator.sharers
  FROM totals AS total
  INNER JOIN operators AS operator
    ON total.chain_id = operator.chain_id AND total.round_id = operator.round_id
  UNION ALL
  SELECT
    total.data_source, total.chain_id, total.transaction_hash, total.timestamp, total.strategy_name,
    'contract_dev', developer.address, total.gmv / developer.sharers
  FROM totals AS total
  INNER JOIN developers AS developer
    ON total.chain_id = developer.chain_id AND total.strategy_name = developer.strategy_name
),

named AS (
  SELECT
    event.address, event.role, event.gmv, event.tx_timestamp, event.tx_hash, chain.name AS blockchain,
    event.strategy_name, event.data_source
  FROM events AS event
  LEFT JOIN (
    VALUES
      (1, 'ethereum'), (10, 'optimism'), (42, 'lukso'), (100, 'gnosis'), (137, 'polygon'), (250, 'fantom'),
      (295, 'hedera'), (324, 'zksync'), (424, 'pgn'), (1088, 'metis'), (1329, 'sei'), (8453, 'base'),
      (42161, 'arbitrum'), (42220, 'celo'), (43114, 'avalanche_c'), (534352, 'scroll')
  ) AS chain (chain_id, name) ON event.chain_id = chain.chain_id
  UNION ALL
  SELECT
    lower(address), role, gmv, tx_timestamp, tx_hash, blockchain, coalesce(nullif(strategy_name, ''), 'allov1.QF'),
    'dune'
  FROM obvious.allov2_distribution_events_for_leaderboard
  WHERE
    blockchain IS DISTINCT FROM 'sepolia'
    AND strategy_name IS DISTINCT FROM 'DonationVotingMerkleDistributionDirectTransferStrategy'
)

SELECT
  ens.name, named.address, named.role, named.gmv, named.tx_timestamp, named.tx_hash, named.blockchain,
  named.strategy_name, named.data_source
FROM named
LEFT JOIN (
  SELECT lower(address) AS address, min(name) AS name FROM landing.ens_names GROUP BY lower(address)
) AS ens ON named.address = ens.address
WHERE named.gmv >= 0.5 AND named.address NOT IN ('', '0x0000000000000000000000000000000000000000')
